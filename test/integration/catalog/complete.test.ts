import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { noPackageTable } from "../../support/alpine-fixtures.ts";
import { knownPackages } from "../../support/known-packages.ts";

const PROJECT = resolve(import.meta.dirname, "../../..");
const catalog = await loadCatalog(join(PROJECT, "catalog.yaml"));

describe("the project's own catalog", () => {
  it.skipIf(noPackageTable)(
    `says of every version in which repository its package is${noPackageTable ? ` (skipped: ${noPackageTable})` : ""}`,
    () => {
      const wrong = catalog.targets.filter(({ branch, package: name, repository }) => {
        const offered =
          knownPackages(branch)
            .offers.get(name)
            ?.filter((one) => one.package === name) ?? [];
        return offered.length > 0 && !offered.some((one) => one.repository === repository);
      });
      expect(
        wrong.map(({ name, branch, repository }) => `${name} on ${branch}: not in ${repository}`),
      ).toEqual([]);
    },
  );
});
