import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dockerfileOf, renderBesides, renderCatalog, writeFiles } from "../../../scripts/render/files.ts";
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

describe("renderBesides", () => {
  const targets = Array.from({ length: 90 }, (_, n) => sampleRelease({ version: `${n}` }).runtime);
  const template = ({ name }: { name: string }) => `${name}\n`;

  it("renders the same", async () => {
    const catalog = sampleCatalog(targets);
    expect(await renderBesides(catalog, template)).toEqual(renderCatalog(catalog, template));
  });

  it("lets others have their turn in between", async () => {
    let rendered = 0;
    const seen: number[] = [];
    const others = setInterval(() => seen.push(rendered), 0);
    await renderBesides(sampleCatalog(targets), (target) => {
      rendered++;
      const until = performance.now() + 1;
      while (performance.now() < until);
      return template(target);
    });
    clearInterval(others);
    expect(seen.filter((count) => count > 0 && count < targets.length).length).toBeGreaterThan(0);
  });
});

describe("files", () => {
  it("are written below a folder, made where it is missing", async () => {
    const directory = join(await temporaryDirectory(), "deep", "images");
    await writeFiles(directory, new Map([["node/22/Dockerfile", "FROM ü\n"]]));
    expect(await readFile(join(directory, "node/22/Dockerfile"), "utf8")).toBe("FROM ü\n");
  });
});
