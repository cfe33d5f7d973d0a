import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { chooseRemovals, clean, findItems, type Item } from "../../../scripts/app/clean.ts";
import { markStateDirectory } from "../../../scripts/system/state/state-directory.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const DAY = 24 * 60 * 60 * 1000;
const NOW = 1000 * DAY;
const RULE = { layouts: 7, disk: 100, runs: 2 };

function item(kind: Item["kind"], name: string, bytes: number, days: number): Item {
  return { kind, name, paths: [name], bytes, used: NOW - days * DAY };
}

function chosen(items: readonly Item[], isRunning = false): string[] {
  return chooseRemovals(items, RULE, NOW, isRunning).map(({ name, why }) => `${name}: ${why}`);
}

describe("chooseRemovals", () => {
  it("takes layouts over the age, and leaves those that have just reached it", () => {
    const items = [item("layout", "old", 1, 7.1), item("layout", "young", 1, 7)];
    expect(chosen(items)).toEqual(["old: age"]);
  });

  it("takes the oldest layouts until the rest is below the bound, and no more", () => {
    const items = [item("layout", "c", 60, 1), item("layout", "a", 40, 3), item("layout", "b", 40, 2)];
    expect(chosen(items)).toEqual(["a: disk"]);
    expect(chosen([...items, item("layout", "d", 1, 0)])).toEqual(["a: disk", "b: disk"]);
  });

  it("counts what goes by age before it looks at the bound", () => {
    expect(chosen([item("layout", "a", 90, 8), item("layout", "b", 90, 1)])).toEqual(["a: age"]);
  });

  it("keeps the newest runs", () => {
    const items = [item("run", "c", 1, 1), item("run", "a", 1, 3), item("run", "b", 1, 2)];
    expect(chosen(items)).toEqual(["a: number"]);
  });

  it("takes what is left over whatever its age, and counts none of it as a layout", () => {
    expect(chosen([item("leftover", "store", 1000, 0), item("layout", "a", 90, 1)])).toEqual([
      "store: leftover",
    ]);
  });

  it("leaves every layout alone while a run is in progress", () => {
    const items = [item("layout", "old", 500, 30), item("leftover", "store", 1, 0)];
    expect(chosen(items, true)).toEqual(["store: leftover"]);
  });

  it("finds nothing to do in nothing", () => {
    expect(chosen([])).toEqual([]);
  });
});

async function stateWith(files: readonly string[]): Promise<string> {
  const state = await temporaryDirectory();
  for (const file of files) {
    await mkdir(dirname(join(state, file)), { recursive: true });
    await writeFile(join(state, file), "x".repeat(5000));
  }
  return state;
}

const LAYOUT = "layouts/catalog-3311f219/node/22";
const RUN = "runs/2026-11-28T222814Z-2521";

it("finds layouts, runs with all of their files, and what runs that have ended left behind", async () => {
  const state = await stateWith([
    ...[`${LAYOUT}/runtime/index.json`, `${LAYOUT}/dev/index.json`],
    ...[`${RUN}.jsonl`, `${RUN}.md`, "runs/latest.md", "engine/41-aaaaaa/root", "engine/42-bbbbbb/root"],
    ...["registry/data/blob", "sandbox/stamp", "upstream/index"],
  ]);
  const whose = async (path: string) => (path.endsWith("42-bbbbbb") ? "running" : "ended");
  const { items, isRunning } = await findItems(state, whose);
  expect(items.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    `layout ${LAYOUT}/dev`,
    `layout ${LAYOUT}/runtime`,
    "leftover engine/41-aaaaaa",
    `run ${RUN}.jsonl`,
  ]);
  expect(items.find(({ kind }) => kind === "run")?.paths).toHaveLength(2);
  expect(items.every(({ bytes }) => bytes >= 5000)).toBe(true);
  expect(isRunning).toBe(true);
});

it("leaves all that has another's names: a home directory has an engine and layouts too", async () => {
  const state = await stateWith([
    ...["engine/v8/src", "engine/1-run/x", "engine/41-aaaaaa/root", "engine/1234/x", "engine/run-1/x"],
    ...["layouts/web/page/main/dev/index.html", "layouts/notes-12345678/a/b/c/index.json"],
    ...["runs/marathon.md", "runs/2026-11-28.md", "scratch/smoke/a", "scratch/novel-abcdef/a"],
  ]);
  const longAgo = new Date(Date.now() - 400 * 24 * 60 * 60 * 1000);
  for (const one of ["scratch/smoke", "scratch/novel-abcdef"])
    await utimes(join(state, one), longAgo, longAgo);
  expect(await findItems(state)).toEqual({ items: [], isRunning: false });
});

it("finds nothing where there is no state yet", async () => {
  expect(await findItems("/nowhere/at/all")).toEqual({ items: [], isRunning: false });
});

it("takes what smoke tests left a day ago, and not what they need now", async () => {
  const state = await stateWith(["scratch/smoke-oldold/a", "scratch/smoke-newnew/a"]);
  await markStateDirectory(state);
  const longAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  await utimes(join(state, "scratch/smoke-oldold"), longAgo, longAgo);
  const { items } = await findItems(state);
  expect(items.map(({ name }) => name)).toEqual(["scratch/smoke-oldold"]);
});

it("removes what was chosen, and nothing in a dry run", async () => {
  const state = await stateWith([`${LAYOUT}/runtime/index.json`, `${LAYOUT}/dev/index.json`]);
  const rule = { layouts: 7, disk: 1, runs: 1 };
  const dry = await clean({ state, rule, dryRun: true });
  expect(dry.removed).toHaveLength(2);
  expect((await findItems(state)).items).toHaveLength(2);
  await clean({ state, rule, dryRun: false });
  expect((await findItems(state)).items).toEqual([]);
});
