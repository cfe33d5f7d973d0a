import { type Started, typed } from "../system/shown/started.ts";

/** What a command does, in a few words; the targets or what else stands before its options; the options. */
type Example = readonly [does: string, only?: string, options?: string];

/** For each verb, each with its words; none of them needs quotes in a shell. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  init: [
    ["ask what it is to hold"],
    ["the usual five images, for a registry on this machine", "", "--yes"],
    ["two images for a registry", "", "--registry ghcr.io/birds --images node:24,python"],
    ["with a workflow of a dozen lines, that calls those of Birdhouse", "", "--workflows birds/birdhouse"],
  ],
  list: [
    ["all targets"],
    ["those of one image", "node"],
    ["what ends soon on a branch", "", "--eol --branch 3.22"],
    ["the same for a script", "node", "--json"],
  ],
  check: [["the catalog here"], ["another catalog", "", "--catalog birds/catalog.yaml"]],
  render: [
    ["write the files that are not as rendered"],
    ["only show them", "", "--dry-run"],
    ["fail if there are any, for CI", "", "--check"],
  ],
  plan: [
    ["what is due, and why"],
    ["what a forced rebuild of node would do", "node", "--force"],
    ["the jobs of a GitHub workflow", "", "--matrix github"],
    ["whether anything is due, by the exit code", "", "--detailed-exitcode"],
  ],
  explain: [
    ["why a target is due, or why not", "node:22"],
    ["the same if only security fixes count", "node:22", "--policy security"],
  ],
  update: [
    ["what the catalog should change"],
    ["make these changes", "", "--write"],
    ["those of python, for a pull request", "python", "--markdown"],
  ],
  rebuild: [
    ["everything that is due"],
    ["one version, due or not", "node:22", "--force"],
    ["the newest version of five images, the rest another time", "", "--limit 5"],
    ["begin nothing new after two hours", "", "--deadline 2h --concurrency 4"],
    ["only what this machine is for; join publishes it", "", "--half linux/arm64"],
    ["smoke tests as Pods of a cluster", "", "--smoke-pods birdhouse-smoke"],
    ["try it in the sandbox", "node:22", "--profile sandbox"],
  ],
  join: [["what all machines of this run made"], ["one version", "node:22"]],
  build: [
    ["one target", "node:22"],
    ["for one platform, with podman", "node:22", "--platform linux/arm64 --engine podman"],
  ],
  smoke: [
    ["what was built of node", "node"],
    ["two versions at a time", "", "--concurrency 2"],
  ],
  publish: [
    ["what was built of one version", "node:22"],
    ["to another registry, unsigned", "node:22", "--registry ghcr.io/birds --sign off"],
  ],
  inspect: [
    ["packages, sizes and tags", "node:22"],
    ["the SBOM of one platform", "node:22", "--sbom --platform linux/arm64"],
    ["how it was built", "node:22", "--provenance"],
    ["which vulnerabilities may stand in it, and why", "node:22", "--vex"],
  ],
  status: [
    ["all that is published"],
    ["one image, for an issue", "node", "--markdown"],
    ["one page of all targets, to open from a disk", "", "--html"],
    ["which tags hold a vulnerability, and when the others got rid of it", "", "--cve CVE-2026-1234"],
  ],
  scan: [
    ["all that is published"],
    ["one image, by grype too", "node", "--scanner grype"],
    ["only show what would be recorded", "", "--dry-run"],
  ],
  history: [
    ["what the tag pointed at, and when", "node:22"],
    ["the same for a script", "node:22", "--json"],
  ],
  rollback: [
    ["back to the build before", "node:22"],
    ["to the build of a day, for a week", "node:22", "--to 2026-11-20 --hold 7d"],
    ["end the hold", "node:22", "--release"],
  ],
  prune: [
    ["show what would be removed", "", "--dry-run"],
    ["remove old builds of one image", "node"],
  ],
  promote: [
    ["what may be promoted, and why the rest may not", "ghcr.io/staging ghcr.io/birds", "--dry-run"],
    ["take on what may", "ghcr.io/staging ghcr.io/birds"],
    ["one version, however briefly it has been there", "ghcr.io/staging ghcr.io/birds node:22", "--now"],
  ],
  export: [
    ["one version, as an archive", "node:22", "--to node.tar"],
    ["everything published, as a directory", "", "--to /mnt/images"],
  ],
  import: [
    ["verify an archive, and show what it holds", "node.tar", "--dry-run"],
    ["publish one version of it", "node.tar node:22", "--registry ghcr.io/birds"],
  ],
  sizes: [["the packages of every image"], ["those of one version", "node:22"]],
  site: [["all images"], ["one image, to another folder", "node", "--output /srv/www/birdhouse"]],
  serve: [
    ["serve until Ctrl-C what was published to this machine"],
    ["another registry", "", "--registry 127.0.0.1:5001/birds"],
  ],
  sandbox: [["serve until Ctrl-C"], ["on another port", "", "--mirror-port 5081"]],
  doctor: [
    ["is this machine ready?"],
    ["the same for podman and a registry", "", "--engine podman --registry ghcr.io/birds"],
  ],
  runs: [
    ["the last runs"],
    ["what the newest one did", "", "show 1"],
    ["the one before, for a script", "", "show 2 --json"],
  ],
  clean: [["show what would be removed", "", "--dry-run"], ["remove it"]],
  completion: [
    ["for bash, in ~/.bashrc", "bash"],
    ["for zsh, in ~/.zshrc behind compinit", "zsh"],
  ],
  schema: [
    ["print it"],
    ["write catalog.schema.json and docs/json", "", "--write"],
    ["what a plan is for a script", "plan"],
  ],
};

/** What `--help` of a command ends with: examples as they are typed here, by make or by npm. */
export function examplesText(verb: string, started: Partial<Started> = {}): string {
  const words = (text: string) => text.split(" ").filter((word) => word !== "");
  const lines = (EXAMPLES[verb] ?? []).flatMap(([does, only = "", options = ""]) => [
    `  # ${does}`,
    `  ${typed(verb, words(only), words(options), started)}`,
  ]);
  return ["", "Examples:", ...lines].join("\n");
}
