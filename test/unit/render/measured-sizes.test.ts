import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MeasuredSizes, readMeasuredSizes } from "../../../scripts/render/measured-sizes.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { divideWorld, measuredTarget, missingLanguage } from "../../support/measure.ts";
import { replaceBlock, sizesJson } from "../../support/sizes-documents.ts";

const AGAINST = { branch: "3.22", index: "v3.22.2-206", date: "2025-11-16" };
const SIZES: MeasuredSizes = {
  targets: {
    "node:22-dev": {
      ...AGAINST,
      packages: 2,
      installed: 30,
      compressed: 20,
      leftOut: { npm: "community" },
      largest: { nodejs: 15, musl: 5 },
    },
    "node:22": { ...AGAINST, packages: 1, installed: 10, compressed: 5, largest: { musl: 5 } },
  },
  savings: {},
};

describe("a file of measured sizes", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "birdhouse-sizes-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("is read as it was written, and its targets are in order", async () => {
    const file = join(directory, "sizes.json");
    writeFileSync(file, sizesJson(SIZES));
    expect(await readMeasuredSizes(file)).toEqual(SIZES);
    expect(Object.keys((await readMeasuredSizes(file)).targets)).toEqual(["node:22", "node:22-dev"]);
  });

  it("need not be there", async () => {
    expect(await readMeasuredSizes(join(directory, "none.json"))).toEqual({ targets: {}, savings: {} });
  });

  it.each([
    ["no JSON", "{"],
    ["a size that is no number", sizesJson(SIZES).replace('"compressed": 5', '"compressed": "5 B"')],
    ["a date that is none", sizesJson(SIZES).replace("2025-11-16", "2025-13-16")],
    ["an unknown key", sizesJson(SIZES).replace('"savings"', '"saving"')],
  ])("with %s is refused, by its name", async (_, text) => {
    const file = join(directory, "broken.json");
    writeFileSync(file, text);
    const refused = readMeasuredSizes(file);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(`${file}: not a file of measured sizes: `);
  });
});

describe("a world, where only main's index is at hand", () => {
  const known = {
    offers: new Map([
      ["nodejs", [{ name: "nodejs", version: "22.16.0-r1", package: "nodejs", repository: "main" } as const]],
      ["npm", [{ name: "npm", version: "11.3.0-r0", package: "npm", repository: "community" } as const]],
      ["go", [{ name: "go", version: "1.24.3-r1", package: "go", repository: "community" } as const]],
    ]),
    repositories: new Set(["main", "community"] as const),
  };

  it("is divided into what can be resolved and what is in community", () => {
    expect(divideWorld(["nodejs~22", "npm", "!npm-doc"], ["main"], known)).toEqual({
      kept: ["nodejs~22", "!npm-doc"],
      leftOut: { npm: "community" },
    });
  });

  it("keeps a word that is nowhere, for apk to refuse, but not where it may be in community", () => {
    const half = { ...known, repositories: new Set(["main"] as const) };
    expect(divideWorld(["nosuch"], ["main"], known)).toEqual({ kept: ["nosuch"], leftOut: {} });
    expect(divideWorld(["nosuch"], ["main"], half)).toEqual({ kept: [], leftOut: { nosuch: "unknown" } });
  });

  it("can be measured with its language, or with all of its words", () => {
    const node = divideWorld(["nodejs", "npm"], ["main"], known);
    expect(missingLanguage({ package: "nodejs" }, node, ["main"], known)).toEqual([]);
    const goRuntime = divideWorld(["nodejs"], ["main"], known);
    expect(missingLanguage({ package: "go" }, goRuntime, ["main"], known)).toEqual([]);
    const goDev = divideWorld(["nodejs", "go"], ["main"], known);
    expect(missingLanguage({ package: "go" }, goDev, ["main"], known)).toEqual(["go"]);
  });
});

it("the measure of a closure is the sum of its packages, and names the largest", () => {
  const closure = [...Array(10).keys()].map((number) => ({
    name: `p${number}`,
    version: "1-r0",
    size: number,
    installedSize: 2 * number,
    buildTime: 0,
  }));
  expect(measuredTarget(AGAINST, closure, {})).toEqual({
    ...AGAINST,
    packages: 10,
    installed: 90,
    compressed: 45,
    largest: { p9: 9, p8: 8, p7: 7, p6: 6, p5: 5, p4: 4, p3: 3, p2: 2 },
  });
});

it("a table is put between its marks, and nothing else changes", () => {
  const document = "a\n<!-- t -->\nold\n<!-- /t -->\nb\n";
  const current = replaceBlock(document, "t", "new");
  expect(current).toBe("a\n<!-- t -->\n\nnew\n\n<!-- /t -->\nb\n");
  expect(replaceBlock(current, "t", "new")).toBe(current);
  expect(() => replaceBlock(document, "u", "new")).toThrow("there is no place for u");
});
