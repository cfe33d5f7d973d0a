import { parseEcrHost } from "../registry/ecr/rules.ts";
import { isLoopback, parseNamespace, registryUrl } from "../registry/reference.ts";
import { COMMIT, REPOSITORY, VERSION } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";

/** Workflows that the workflow of a new catalog calls: those of Birdhouse, in the version that is installed. */
export interface Workflows {
  /** `OWNER/REPOSITORY` of GitHub. */
  readonly repository: string;
  /** The version's tag, `v0.1.0`. */
  readonly tag: string;
  /** What the tag points at; undefined where that is not known: Renovate's first pull request then pins it. */
  readonly commit?: string;
}

/**
 * The workflows to call. Without a place, where package.json says that this Birdhouse comes from; undefined where it
 * does not say: nobody else's repository is given a token that may publish.
 * @param said `OWNER/REPOSITORY`, whose tags are those of Birdhouse's versions
 * @throws UserError where it is no such name
 */
export function workflowsOf(said: string | undefined): Workflows | undefined {
  const repository = said ?? REPOSITORY;
  if (repository === undefined) return undefined;
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new UserError(
      `workflows: expected OWNER/REPOSITORY of GitHub, found ${JSON.stringify(repository)}`,
    );
  }
  // A copy of Birdhouse elsewhere may have commits of its own.
  const commit = repository === REPOSITORY ? COMMIT : undefined;
  return { repository, tag: `v${VERSION}`, ...(commit !== undefined && { commit }) };
}

/** What a workflow needs to log in to a registry, by the registry's kind. */
type Login =
  | { readonly kind: "local" | "ghcr" }
  | { readonly kind: "ecr"; readonly region: string }
  | { readonly kind: "other"; readonly host: string };

function loginFor(registry: string): Login {
  const { registry: host } = parseNamespace(registry);
  if (isLoopback(registryUrl(host))) return { kind: "local" };
  const region = parseEcrHost(host)?.region;
  if (region !== undefined) return { kind: "ecr", region };
  return host === "ghcr.io" ? { kind: "ghcr" } : { kind: "other", host };
}

/**
 * The workflow of a new catalog.
 * @param registry `HOST[:PORT]/NAMESPACE`
 * @param template reads one of `templates/init/`
 */
export async function workflowText(
  registry: string,
  workflows: Workflows | undefined,
  template: (name: string) => Promise<string>,
): Promise<string> {
  const login = loginFor(registry);
  if (workflows) {
    const { repository, tag, commit } = workflows;
    const ref = commit === undefined ? `@${tag}` : `@${commit} # ${tag}`;
    return (await template("caller.yml"))
      .replace("@WORKFLOWS@", () => repository)
      .replace("@REF@", () => ref)
      .replace("@WITH@\n", () => inputsFor(login));
  }
  const steps = (await template(`login-${login.kind}.yml`))
    .replace("@REGION@", () => ("region" in login ? login.region : ""))
    .replace("@HOST@", () => ("host" in login ? login.host : ""));
  return (await template("workflow.yml")).replace("@LOGIN@\n", () => steps);
}

/** What a caller hands to the workflow: the lines below its `uses`. */
function inputsFor(login: Login): string {
  switch (login.kind) {
    case "local":
      return "    # The catalog publishes to 127.0.0.1, which is the job's own machine and gone after the run.\n";
    case "ghcr":
      return "";
    case "ecr":
      return `    # The variable AWS_ROLE of this repository: a role that the workflow may take on, see docs/registries.md of Birdhouse.
    with: { aws-role: "\${{ vars.AWS_ROLE }}", aws-region: ${login.region} }
`;
    case "other":
      return `    # A variable and a secret of this repository.
    with: { login-server: "${login.host}", login-user: "\${{ vars.LOGIN_USER }}" }
    secrets: { login-password: "\${{ secrets.LOGIN_PASSWORD }}" }
`;
  }
}

/** Renovate's settings: the package and the workflows that go with it are renewed together. */
export function renovateText(template: string, workflows: Workflows | undefined): string {
  if (!workflows) return template;
  const settings = JSON.parse(template);
  settings.packageRules.push({
    matchPackageNames: ["birdhouse", workflows.repository],
    groupName: "birdhouse",
  });
  return `${JSON.stringify(settings, null, 2)}\n`;
}
