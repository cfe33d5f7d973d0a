import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dockerfileOf, renderCatalog, writeFiles } from "../../../scripts/render/files.ts";
import { sampleCatalog, sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

describe("renderCatalog", () => {
  it("has a Dockerfile for each target, dev's below runtime's", () => {
    const { runtime, dev } = sampleRelease();
    expect([dockerfileOf(runtime), dockerfileOf(dev)]).toEqual([
      "node/22/Dockerfile",
      "node/22/dev/Dockerfile",
    ]);
    const rendered = renderCatalog(
      sampleCatalog([runtime, dev]),
      ({ name }, { registry }) => `${name} ${registry}`,
    );
    expect([...rendered]).toEqual([
      ["node/22/Dockerfile", "node:22 registry.example/base"],
      ["node/22/dev/Dockerfile", "node:22-dev registry.example/base"],
    ]);
  });
});

describe("files", () => {
  it("are written below a folder, made where it is missing", async () => {
    const directory = join(await temporaryDirectory(), "deep", "images");
    await writeFiles(directory, new Map([["node/22/Dockerfile", "FROM ü\n"]]));
    expect(await readFile(join(directory, "node/22/Dockerfile"), "utf8")).toBe("FROM ü\n");
  });
});
