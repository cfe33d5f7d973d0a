import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { keep, recall } from "../../../scripts/system/memory.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const KEY = "a".repeat(64);
const VALUE = new Map([["node:22", { tags: ["22"], names: new Set(["x"]), none: undefined }]]);

it("gives back what was kept under the same key, and nothing under another", async () => {
  const file = join(await temporaryDirectory(), "below", "it");
  expect(await recall(file, KEY)).toBeUndefined();
  await keep(file, KEY, VALUE);
  expect(await recall(file, KEY)).toEqual(VALUE);
  expect(await recall(file, "b".repeat(64))).toBeUndefined();
  expect(await readdir(dirname(file))).toEqual(["it"]);
});

it("takes what is damaged as not there", async () => {
  const file = join(await temporaryDirectory(), "it");
  await keep(file, KEY, VALUE);
  const whole = await readFile(file);
  for (const length of [0, 10, 64, whole.length - 4]) {
    await writeFile(file, whole.subarray(0, length));
    expect(await recall(file, KEY)).toBeUndefined();
  }
});

it("keeps nothing where the disk will not have it, and says nothing", async () => {
  const file = join(await temporaryDirectory(), "file");
  await writeFile(file, "");
  await keep(join(file, "below"), KEY, VALUE);
  expect(await recall(join(file, "below"), KEY)).toBeUndefined();
});
