import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { clean } from "../../../scripts/clean/clean.ts";
import { findItems } from "../../../scripts/clean/find.ts";
import { temporaryDirectory } from "../oci/sample-image.ts";

async function stateWith(files: readonly string[]): Promise<string> {
  const state = await temporaryDirectory();
  for (const file of files) {
    await mkdir(dirname(join(state, file)), { recursive: true });
    await writeFile(join(state, file), "x".repeat(5000));
  }
  return state;
}

it("finds layouts, runs with all of their files, and stores of processes that have ended", async () => {
  const state = await stateWith([
    "layouts/catalog-12/node/22/runtime/index.json",
    "layouts/catalog-12/node/22/dev/index.json",
    ...["runs/one.json", "runs/one.md", "runs/latest.md", "runs/two/journal.json"],
    ...["engine/41-a/root", "engine/42-b/root", "registry/data/blob", "sandbox/stamp", "upstream/index"],
  ]);
  const { items, isRunning } = await findItems(state, (pid) => pid === 42);
  expect(items.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    "layout layouts/catalog-12/node/22/dev",
    "layout layouts/catalog-12/node/22/runtime",
    "leftover engine/41-a",
    "run runs/one.json",
    "run runs/two",
  ]);
  expect(items.find(({ name }) => name === "runs/one.json")?.paths).toHaveLength(2);
  expect(items.every(({ bytes }) => bytes >= 5000)).toBe(true);
  expect(isRunning).toBe(true);
});

it("knows its own store from that of another run", async () => {
  const state = await stateWith([`engine/${process.pid}-a/root`]);
  expect(await findItems(state, () => true)).toEqual({ items: [], isRunning: false });
});

it("finds nothing where there is no state yet", async () => {
  expect(await findItems("/nowhere/at/all", () => true)).toEqual({ items: [], isRunning: false });
});

it("takes what smoke tests left a day ago, and not what they need now", async () => {
  const state = await stateWith(["scratch/smoke-old/a", "scratch/smoke-new/a"]);
  const longAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  await utimes(join(state, "scratch/smoke-old"), longAgo, longAgo);
  const { items } = await findItems(state, () => true);
  expect(items.map(({ name }) => name)).toEqual(["scratch/smoke-old"]);
});

it("removes what was chosen, and nothing in a dry run", async () => {
  const state = await stateWith(["layouts/c/node/22/runtime/index.json", "layouts/c/node/22/dev/index.json"]);
  const rule = { layouts: 7, disk: 1, runs: 1 };
  const dry = await clean({ state, rule, dryRun: true });
  expect(dry.removed).toHaveLength(2);
  expect((await findItems(state, () => false)).items).toHaveLength(2);
  await clean({ state, rule, dryRun: false });
  expect((await findItems(state, () => false)).items).toEqual([]);
});
