import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { clean } from "../../../../scripts/app/clean/clean.ts";
import { findItems } from "../../../../scripts/app/clean/find.ts";
import { markStateDirectory } from "../../../../scripts/system/state/state-directory.ts";
import { temporaryDirectory } from "../../formats/oci/sample-image.ts";

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
