import { join } from "node:path";
import { expect, test } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { catalogFolder, mistakesInFiles } from "./catalog-folder.ts";
import { GOOD_CATALOG } from "./good-catalog.ts";

test("folders of templates are beside the catalogs that name them, the own one last", async () => {
  const folder = await catalogFolder({
    "own/catalog.yaml": "extends: ../b/catalog.yaml\ntemplates: mine\nimages: { web: { extends: node } }\n",
    "own/mine/a": "",
    "b/catalog.yaml": `templates: theirs\n${GOOD_CATALOG}`,
    "b/theirs/a": "",
  });
  const { templates } = await loadCatalog(join(folder, "own/catalog.yaml"));
  expect(templates).toEqual([join(folder, "b/theirs"), join(folder, "own/mine")]);
});

test.each([
  ["gone", "there is no such folder: gone"],
  ["file", "file is a file, expected a folder"],
])("a folder %s is told of at its place", async (name, message) => {
  const said = await mistakesInFiles({ "catalog.yaml": `templates: ${name}\n${GOOD_CATALOG}`, file: "" });
  expect(said).toEqual([`catalog.yaml:1:12: ${name}: ${message}`]);
});
