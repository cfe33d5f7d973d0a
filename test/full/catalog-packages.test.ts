import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import { noFixtures, noPackageTable } from "../support/alpine-fixtures.ts";
import { type KnownPackages, knownPackages, wrongWords } from "../support/known-packages.ts";

const CATALOG = resolve(import.meta.dirname, "../../catalog.yaml");
const skipped = noFixtures ?? noPackageTable;

describe.skipIf(skipped)(`the catalog's packages${skipped ? ` (skipped: ${skipped})` : ""}`, () => {
  it("are on the branches that their targets are built on, in the versions that they are held to", async () => {
    const { targets } = await loadCatalog(CATALOG);
    const branches = new Map<string, KnownPackages>();
    for (const { branch } of targets) {
      if (!branches.has(branch)) branches.set(branch, knownPackages(branch));
    }
    expect(wrongWords(targets, branches)).toEqual([]);
  });
});
