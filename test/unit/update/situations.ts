import { askOffers } from "../../../scripts/update/carriers.ts";
import { proposalsOf } from "../../../scripts/update/find.ts";
import type { AlpineBranch } from "../../../scripts/update/releases.ts";
import { branchesOf, type Change, type Situation } from "../../../scripts/update/situation.ts";
import { type WrittenCatalog, writtenCatalog } from "../../../scripts/update/written.ts";
import type { Upstream } from "../../../scripts/upstream/upstream.ts";

/** A day on which 3.22 and all after it are supported. */
export const TODAY = new Date("2026-12-01T12:00:00Z");

/** The branches of releases.json on that day. */
export const RELEASED: readonly AlpineBranch[] = [
  { name: "3.24", eol: "2028-05-01" },
  { name: "3.23", eol: "2027-11-01" },
  { name: "3.22", eol: "2027-05-01" },
  { name: "3.21", eol: "2026-11-01" },
];

export interface SituationOptions {
  readonly released?: readonly AlpineBranch[];
  readonly today?: Date;
  readonly isChosen?: Situation["isChosen"];
}

/** What a catalog and an upstream come to on a day. */
export async function situationOf(
  catalog: string | WrittenCatalog,
  upstream: Pick<Upstream, "packages">,
  options: SituationOptions = {},
): Promise<Situation> {
  const { today = TODAY, released = RELEASED, isChosen = () => true } = options;
  const written = typeof catalog === "string" ? await writtenCatalog("catalog.yaml", catalog) : catalog;
  const branches = branchesOf(written, released, today);
  const { offers } = await askOffers(upstream, branches.supported, written.entry.platforms);
  return { written, branches, offers, today, isChosen };
}

/** The changes that are proposed there. */
export async function changesOf(...args: Parameters<typeof situationOf>): Promise<Change[]> {
  return proposalsOf(await situationOf(...args));
}

/** Changes in a line each: `move node:22 3.21 → 3.24`. */
export function inShort(changes: readonly Change[]): string[] {
  return changes.map((one) => lineOf(one));
}

function lineOf(change: Change): string {
  switch (change.kind) {
    case "branch":
      return `branch ${change.branch}${change.repository ? ` ${change.repository}` : ""} ${change.from ?? "new"} → ${change.to}`;
    case "move":
      return `move ${change.image}:${change.version} ${change.from} → ${change.to}`;
    case "new-version":
      return `new ${change.image}:${change.version} on ${change.branch}${change.inherited ? ", inherited" : ""}`;
    case "ended":
      return `ended ${change.image}:${change.version} ${change.since}`;
    case "hint":
      return `hint ${change.image}:${change.version}: ${change.why}`;
  }
}

/**
 * A catalog with these images.
 * @param images name → its lines; one that extends no other gets a description, a smoke test and, unless it says
 *   otherwise, its own package in runtime
 */
export function catalogText(images: Readonly<Record<string, string>>, head = ""): string {
  const entries = Object.entries(images).map(([name, lines]) => {
    const isOwn = !/^extends:/m.test(lines);
    const runtime = /^runtime:/m.test(lines) ? "" : 'runtime: { packages: ["{{package}}~{{version}}"] }\n';
    const own = isOwn ? `description: ${name}\n${runtime}smoke: { run: [${name}] }\n` : "";
    return `  ${name}:\n${`${own}${lines}`.replace(/^/gm, "    ")}`;
  });
  return `registry: ghcr.io/birdhouse
platforms: [linux/amd64, linux/arm64]
sources:
  base: docker.io/library/alpine
  packages: https://dl-cdn.alpinelinux.org/alpine
${head}images:
${entries.join("\n")}
`;
}

/** The branches of a catalog, as many as these tests have. */
export const BRANCHES = `branches:
  "3.24": { eol: 2028-05-01 }
  "3.23": { eol: 2027-11-01 }
  "3.22": { eol: 2027-05-01 }
  "3.21": { eol: 2026-11-01 }
`;
