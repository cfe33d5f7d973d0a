import { access, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dockerfileOf, readFiles, renderCatalog, writeFiles } from "../../../scripts/render/files.ts";
import { sampleCatalog, sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../oci/sample-image.ts";

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
  const files = new Map([
    ["node/22/Dockerfile", "FROM scratch\n"],
    ["node/22/dev/Dockerfile", "FROM ü\n"],
  ]);

  it("come back as they were written", async () => {
    const directory = join(await temporaryDirectory(), "deep", "images");
    await writeFiles(directory, files);
    expect(new Map(await readFiles(directory))).toEqual(files);
  });

  it("replace all that was there before", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "gone", "empty"), { recursive: true });
    await writeFile(join(directory, "gone", "Dockerfile"), "stale");
    await writeFiles(directory, files);
    expect(await readdir(directory)).toEqual(["node"]);
  });

  it("are none where the directory does not exist", async () => {
    const directory = join(await temporaryDirectory(), "images");
    expect((await readFiles(directory)).size).toBe(0);
    await expect(access(directory)).rejects.toThrow("ENOENT");
  });
});
