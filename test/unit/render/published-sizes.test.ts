import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Published } from "../../../scripts/model/published.ts";
import {
  publishedSizesText,
  readPublishedSizes,
  withPublished,
} from "../../../scripts/render/published-sizes.ts";
import { UserError } from "../../../scripts/system/errors.ts";

const SIZES = {
  digest: "sha256:1",
  created: "2026-11-20T08:00:00Z",
  platforms: { "linux/amd64": { compressed: 50_700_000, unpacked: 134_000_000 } },
};

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "birdhouse-published-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "published.json");
  await writeFile(file, text);
  return file;
}

describe("withPublished", () => {
  const packages = new Map([["nodejs", { version: "22.23.5-r0", unpacked: 100 }]]);
  const { digest, created } = SIZES;
  const sizes = new Map([["linux/amd64", { compressed: 50_700_000, unpacked: 134_000_000, packages }]]);
  const published = { digest, created, inputs: undefined, sizes };

  it("has what is published now, in the catalog's order", () => {
    const found = new Map<string, Published>([
      ["node:22", published],
      ["lua:5.4", { digest: "sha256:2", inputs: undefined }],
    ]);
    const after = withPublished({ targets: {} }, found, ["lua:5.4", "node:22"]);
    expect(after).toEqual({ targets: { "node:22": SIZES } });
  });

  it("takes no platform over that nobody knows: READMEs show their names", () => {
    const [amd64] = sizes.values();
    if (!amd64) throw new Error("the sample has no platform");
    const strange = new Map([...sizes, ["linux/amd64 | <img src=x>", amd64] as const]);
    const found = new Map([["node:22", { ...published, sizes: strange }]]);
    expect(withPublished({ targets: {} }, found, ["node:22"])).toEqual({ targets: { "node:22": SIZES } });
  });

  it("keeps what was known of what is not published, and forgets what left the catalog", () => {
    const before = { targets: { "node:22": SIZES, "node:20": SIZES } };
    expect(withPublished(before, new Map(), ["node:22"])).toEqual({ targets: { "node:22": SIZES } });
  });
});

describe("readPublishedSizes", () => {
  it("reads what was written, and knows nothing where nothing was", async () => {
    const sizes = { targets: { "node:22": SIZES } };
    expect(await readPublishedSizes(await fileWith(publishedSizesText(sizes)))).toEqual(sizes);
    expect(await readPublishedSizes("no/such/published.json")).toEqual({ targets: {} });
  });

  it("refuses a file that names such a platform", async () => {
    const { "linux/amd64": weight } = SIZES.platforms;
    const strange = { targets: { "node:22": { ...SIZES, platforms: { "a | b": weight } } } };
    await expect(readPublishedSizes(await fileWith(JSON.stringify(strange)))).rejects.toThrow(UserError);
  });

  it("says of another file what is wrong in it, and what to do", async () => {
    const reading = readPublishedSizes(await fileWith('{ "targets": { "node:22": { "digest": 1 } } }'));
    await expect(reading).rejects.toThrow(UserError);
    await expect(reading).rejects.toThrow(/published\.json: not a file of published sizes: .*digest/s);
  });
});
