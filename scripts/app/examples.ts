import { typed } from "../system/shown/started.ts";

/** A command that can be typed as it stands. */
export interface CommandExample {
  /** What it does, in a few words. */
  readonly does: string;
  /** The targets, or what else stands before the options. */
  readonly only: readonly string[];
  readonly options: readonly string[];
}

/** Each with its words; none of them needs quotes in a shell. */
const EXAMPLES: Readonly<Record<string, readonly CommandExample[]>> = {
  list: [
    example("all targets"),
    example("those of one image", "node"),
    example("the same for a script", "node", "--json"),
  ],
  check: [example("the catalog here"), example("another catalog", "", "--catalog birds/catalog.yaml")],
  render: [
    example("write the files that are not as rendered"),
    example("only show them", "", "--dry-run"),
    example("fail if there are any, for a CI", "", "--check"),
  ],
  plan: [
    example("what is due, and why"),
    example("what a forced rebuild of node would do", "node", "--force"),
    example("the jobs of a GitHub workflow", "", "--matrix github"),
  ],
  explain: [
    example("why a target is due, or why not", "node:22"),
    example("the same if only security fixes count", "node:22", "--policy security"),
  ],
  update: [
    example("what the catalog should change"),
    example("make these changes", "", "--write"),
    example("those of python, for a pull request", "python", "--markdown"),
  ],
  rebuild: [
    example("everything that is due"),
    example("one version, due or not", "node:22", "--force"),
    example("begin nothing new after two hours", "", "--deadline 2h --concurrency 4"),
    example("try it in the sandbox", "node:22", "--profile sandbox"),
  ],
  build: [
    example("one target", "node:22"),
    example("for one platform, with podman", "node:22", "--platform linux/arm64 --engine podman"),
  ],
  smoke: [
    example("what was built of node", "node"),
    example("two versions at a time", "", "--concurrency 2"),
  ],
  publish: [
    example("what was built of one version", "node:22"),
    example("to another registry, unsigned", "node:22", "--registry ghcr.io/birds --sign off"),
  ],
  inspect: [
    example("packages, sizes and tags", "node:22"),
    example("the SBOM of one platform", "node:22", "--sbom --platform linux/arm64"),
    example("how it was built", "node:22", "--provenance"),
  ],
  history: [
    example("what the tag pointed at, and when", "node:22"),
    example("the same for a script", "node:22", "--json"),
  ],
  rollback: [
    example("back to the build before", "node:22"),
    example("to the build of a day, for a week", "node:22", "--to 2026-11-20 --hold 7d"),
    example("end the hold", "node:22", "--release"),
  ],
  prune: [
    example("show what would be removed", "", "--dry-run"),
    example("remove old builds of one image", "node"),
  ],
  export: [
    example("one version, as an archive", "node:22", "--to node.tar"),
    example("everything published, as a directory", "", "--to /mnt/images"),
  ],
  import: [
    example("verify an archive, and show what it holds", "node.tar", "--dry-run"),
    example("publish one version of it", "node.tar node:22", "--registry ghcr.io/birds"),
  ],
  sizes: [example("the packages of every image"), example("those of one version", "node:22")],
  sandbox: [example("serve until Ctrl-C"), example("on another port", "", "--mirror-port 5081")],
  doctor: [
    example("is this machine ready?"),
    example("the same for podman and a registry", "", "--engine podman --registry ghcr.io/birds"),
  ],
  runs: [
    example("the last runs"),
    example("what the newest one did", "", "show 1"),
    example("the one before, for a script", "", "show 2 --json"),
  ],
  clean: [example("show what would be removed", "", "--dry-run"), example("remove it")],
  schema: [example("print it"), example("write catalog.schema.json", "", "--write")],
};

function example(does: string, only = "", options = ""): CommandExample {
  const words = (text: string) => text.split(" ").filter((word) => word !== "");
  return { does, only: words(only), options: words(options) };
}

/** What `--help` of a command ends with: examples as they are typed here, by make or by npm. */
export function examplesText(verb: string, env: NodeJS.ProcessEnv = process.env): string {
  const lines = (EXAMPLES[verb] ?? []).flatMap(({ does, only, options }) => [
    `  # ${does}`,
    `  ${typed(verb, only, options, env)}`,
  ]);
  return ["", "Examples:", ...lines].join("\n");
}
