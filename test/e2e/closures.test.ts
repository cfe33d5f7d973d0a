import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import {
  type MeasuredSizes,
  type MeasuredTarget,
  readMeasuredSizes,
  type Saving,
} from "../../scripts/render/measured-sizes.ts";
import { formatTable } from "../../scripts/system/shown/format.ts";
import { noCommunityStub } from "../support/alpine-fixtures.ts";
import { runtimeOn } from "../support/catalog-on.ts";
import { openResolver, openStubResolver, type Resolver } from "../support/closures.ts";
import { type MeasuredBranch, measureBranch, measureSavings, sizesOf } from "../support/measure.ts";
import { noRealApk } from "../support/real-apk.ts";
import {
  limitsTable,
  type MeasuredLimit,
  replaceBlock,
  savingsTable,
  sizesJson,
} from "../support/sizes-documents.ts";
import { SLIMMED_WORLDS } from "../support/slimmed-worlds.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CATALOG = resolve(ROOT, "catalog.yaml");
const SIZES = resolve(ROOT, "sizes.json");
const DOCUMENT = resolve(ROOT, "docs/sizes.md");
const REWRITE = "UPDATE_SIZES=1 npx vitest run --project e2e test/e2e/closures.test.ts";
const update = process.env.UPDATE_SIZES === "1";

/** The branches of which at least main's index is at hand. */
const BRANCHES = ["3.9", "3.17", "3.20", "3.22"] as const;

/** What runtimes may come to on 3.22, with the version that 3.22 carries: bytes to download. */
const LIMITS = [
  { image: "node", version: "22", limit: 30_000_000 },
  { image: "python", version: "3.12", limit: 14_000_000 },
  { image: "ruby", version: "3.4", limit: 10_900_000 },
  { image: "perl", version: "5.40", limit: 14_600_000 },
  { image: "lua", version: "5.4", limit: 1_400_000 },
  { image: "static", version: "3.22", limit: 1_000_000 },
] as const;
const PHP_LIMIT = 13_000_000;

describe.skipIf(noRealApk)(`closures on real indexes${noRealApk ? ` (skipped: ${noRealApk})` : ""}`, () => {
  let branches: readonly MeasuredBranch[] = [];
  let savings: Record<string, Saving> = {};
  let limits: readonly MeasuredLimit[] = [];

  // All is measured before any test: what is written must be whole, whichever tests are run.
  beforeAll(async () => {
    const all = await loadCatalog(CATALOG);
    // Debug is runtime and busybox: nobody chooses it by its size.
    const targets = all.targets.filter(({ variant }) => variant !== "debug");
    branches = await Promise.all(
      BRANCHES.map((branch) => withResolver(branch, (resolver) => measureBranch(targets, resolver))),
    );
    await withResolver("3.22", async (resolver) => {
      savings = await measureSavings(resolver, SLIMMED_WORLDS);
      limits = await measureLimits(resolver);
    });
    if (!update) return;
    writeFileSync(SIZES, sizesJson(currentSizes()));
    writeFileSync(DOCUMENT, currentDocument());
  });

  it.each(BRANCHES)("every target on %s resolves", (branch) => {
    const measured = branches.find((each) => each.branch === branch);
    console.info(branchReport(measured));
    expect(measured?.failed).toEqual([]);
  });

  it.each(BRANCHES)("of every target on %s, the plan knows when its newest package was built", (branch) => {
    expect(branches.find((each) => each.branch === branch)?.mistimed).toEqual([]);
  });

  it.each(LIMITS)("the runtime of $image $version on 3.22 is at most $limit bytes", ({ image, limit }) => {
    const measured = limits.find(({ target }) => target.startsWith(`${image}:`));
    expect(measured?.compressed).toBeLessThanOrEqual(limit);
  });

  it.skipIf(noCommunityStub)(
    `PHP's command line on 3.22 is at most ${PHP_LIMIT} bytes${noCommunityStub ? ` (skipped: ${noCommunityStub})` : ""}`,
    async () => {
      const resolver = await openStubResolver();
      try {
        const { world } = runtimeOn(CATALOG, "php", "8.4", "3.22");
        expect(sizesOf(await resolver.closureOf(world)).compressed).toBeLessThanOrEqual(PHP_LIMIT);
      } finally {
        resolver.remove();
      }
    },
  );

  it("every way to save saves", () => {
    expect(Object.entries(savings).filter(([, { compressed }]) => compressed <= 0)).toEqual([]);
  });

  it("docs/sizes.md tells what is measured", () => {
    expect(readFileSync(DOCUMENT, "utf8"), `out of date: ${REWRITE}`).toBe(currentDocument());
  });

  it("sizes.json holds what is measured", async () => {
    const committed = sizesJson(await readMeasuredSizes(SIZES));
    expect(committed, `out of date: ${REWRITE}`).toBe(sizesJson(currentSizes()));
  });

  function currentSizes(): MeasuredSizes {
    return { targets: Object.assign({}, ...branches.map(({ sizes }) => sizes)), savings };
  }

  function currentDocument(): string {
    const withLimits = replaceBlock(readFileSync(DOCUMENT, "utf8"), "limits", limitsTable(limits));
    return replaceBlock(withLimits, "savings", savingsTable(savings));
  }
});

async function measureLimits(resolver: Resolver): Promise<MeasuredLimit[]> {
  const measured: MeasuredLimit[] = [];
  for (const { image, version, limit } of LIMITS) {
    const { name, world } = runtimeOn(CATALOG, image, version, resolver.branch);
    const closure = await resolver.closureOf(world);
    measured.push({ target: name, packages: closure.length, compressed: sizesOf(closure).compressed, limit });
  }
  return measured;
}

async function withResolver<Result>(branch: string, use: (resolver: Resolver) => Promise<Result>) {
  const resolver = await openResolver(branch);
  try {
    return await use(resolver);
  } finally {
    resolver.remove();
  }
}

/** A table of what was measured, and what was not, for whoever reads the test's output. */
function branchReport(measured: MeasuredBranch | undefined): string {
  const missing = measured?.missing.map((line) => `not measured: ${line}`) ?? [];
  return [sizesTable(measured?.sizes ?? {}), ...missing].join("\n");
}

function sizesTable(sizes: Readonly<Record<string, MeasuredTarget>>): string {
  const rows = Object.entries(sizes).map(
    ([name, { branch, packages, installed, compressed, leftOut = {} }]) => [
      name,
      branch,
      ...[packages, installed, compressed].map(String),
      Object.entries(leftOut)
        .map(([word, place]) => `${word} (${place})`)
        .join(", "),
    ],
  );
  return formatTable([
    ["target", "branch", "packages", "installed", "compressed", "left out"],
    ...rows.sort(),
  ]);
}
