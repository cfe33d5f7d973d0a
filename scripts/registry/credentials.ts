import { tryRun } from "../system/process/process.ts";
import { rememberLogin, rememberSecret } from "../system/shown/secrets.ts";
import { type Credentials, loginFilesIn, loginsIn } from "./login-files.ts";

/** What was found for a registry, and where: errors name it. */
export interface FoundCredentials {
  /** Such as `auths in /root/.docker/config.json`. */
  readonly source: string;
  /** Absent: anonymous. */
  readonly credentials?: Credentials;
  /** What is for some repositories only, the best file first and in it the longest path. See `credentialsFor`. */
  readonly paths?: readonly PathCredentials[];
  /** Milliseconds since 1970 from which others are looked for, as these end soon. */
  readonly renewAt?: number;
}

/** Credentials for the repositories of one path: the one of that name, and all under it. */
interface PathCredentials {
  /** `team-a` is for `team-a` and `team-a/node`, and not for `team-ab`. */
  readonly path: string;
  readonly source: string;
  readonly credentials: Credentials;
}

/**
 * Those for one repository: of the longest path that it lies under, else the host's; never another path's. Pure.
 * Source: containers-auth.json(5)
 */
export function credentialsFor(found: FoundCredentials, repository: string): FoundCredentials {
  const { paths = [], ...ofHost } = found;
  const own = paths.find(({ path }) => repository === path || repository.startsWith(`${path}/`));
  return own ? { source: own.source, credentials: own.credentials } : ofHost;
}

/** Finds the credentials for a registry (`HOST[:PORT]`). Asked again when the registry no longer takes them. */
export type CredentialLookup = (registry: string) => Promise<FoundCredentials>;

export interface DockerCredentialOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs a credential helper. */
  readonly run?: typeof tryRun;
}

/**
 * Looks where CI systems, Docker and podman keep credentials, in this order; the first that has some for the registry
 * counts. In each a helper named for the registry comes first, then the general credentials store, then what is
 * written there.
 *
 * - `DOCKER_AUTH_CONFIG`, the text of a `config.json` (GitLab's runners, docker/cli 28);
 * - `REGISTRY_AUTH_FILE`, a path (containers-auth.json(5));
 * - `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`, where `docker login` writes;
 * - `$XDG_RUNTIME_DIR/containers/auth.json`, where `podman login` and `buildah login` write.
 *
 * @throws UserError (from the lookup) when a file or a helper's answer cannot be understood
 */
export function dockerCredentials(options: DockerCredentialOptions = {}): CredentialLookup {
  const { env = process.env, run = tryRun } = options;
  const files = loginFilesIn(env);
  return async (registry) => {
    const paths: PathCredentials[] = [];
    let ofHost: FoundCredentials | undefined;
    for (const file of files) {
      const inFile: PathCredentials[] = [];
      for (const { path, source, credentials: ask } of await loginsIn(file, registry, run)) {
        const credentials = path === "" && ofHost ? undefined : await ask();
        if (!credentials) continue;
        if (path === "") ofHost = { source, credentials };
        else inFile.push({ path, source, credentials });
      }
      paths.push(...inFile.sort((one, other) => other.path.length - one.path.length));
      // What is for all of the registry counts from the first file that has it: later files are not read.
      if (ofHost) break;
    }
    const source = `none for ${registry} in ${files.map(({ name }) => name).join(", ")}, so anonymous`;
    return { ...(ofHost ?? { source }), ...(paths.length > 0 && { paths }) };
  };
}

/** The same lookup; what it finds is kept out of all output. */
export function remembering(lookup: CredentialLookup): CredentialLookup {
  return async (registry) => {
    const found = await lookup(registry);
    for (const { credentials } of [found, ...(found.paths ?? [])]) if (credentials) remember(credentials);
    return found;
  };
}

function remember(credentials: Credentials): void {
  if ("identityToken" in credentials) rememberSecret(credentials.identityToken);
  else rememberLogin(credentials.username, credentials.password);
}
