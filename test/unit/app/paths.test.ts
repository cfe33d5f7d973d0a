import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { imagesBeside, layoutsOf } from "../../../scripts/app/paths.ts";
import { layoutOf } from "../../../scripts/build/layouts.ts";
import { sampleTarget } from "../../support/sample-target.ts";

describe("what is rendered of a catalog lies beside it", () => {
  test.each([
    ["catalog.yaml", "images"],
    ["teams/catalog.yaml", "teams/images"],
    ["teams/web.yaml", "teams/web.images"],
    ["../web.v2.yml", "../web.v2.images"],
  ])("%s → %s", (catalog, images) => {
    expect(imagesBeside(catalog)).toBe(resolve(images));
  });
});

describe("what is built of a catalog", () => {
  const layout = (catalog: string, state = ".birdhouse") =>
    layoutOf(layoutsOf(catalog, state), sampleTarget());

  test("is never found by another catalog with the same state directory", () => {
    const catalogs = ["catalog.yaml", "web.yaml", "web.yml", "teams/catalog.yaml", "../catalog.yaml"];
    expect(new Set(catalogs.map((catalog) => layout(catalog))).size).toBe(catalogs.length);
  });

  test("is found again however the catalog is named, and where both have been moved to", () => {
    expect(layout(resolve("catalog.yaml"), resolve(".birdhouse"))).toBe(layout("./teams/../catalog.yaml"));
    const [here, there] = ["/here", "/there"].map((folder) =>
      layout(join(folder, "catalog.yaml"), join(folder, "state")).slice(folder.length),
    );
    expect(here).toBe(there);
  });

  test("lies in a folder with the catalog's name, without what an engine reads in a path", () => {
    expect(layoutsOf("my images:v2.yaml", "state")).toMatch(/\/state\/layouts\/my_images_v2-[0-9a-f]{8}$/);
  });
});
