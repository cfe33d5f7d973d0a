import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { clean } from "../../../../scripts/app/clean.ts";
import {
  isMarked,
  markStateDirectory,
  strangersIn,
} from "../../../../scripts/system/state/state-directory.ts";
import { temporaryDirectory } from "../../formats/oci/sample-image.ts";

const RULE = { layouts: 7, disk: 1, runs: 1 };

async function folder(...files: readonly string[]): Promise<string> {
  const directory = await temporaryDirectory();
  for (const file of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), "x");
  }
  return directory;
}

describe("a state directory", () => {
  it.each([
    ["nothing", []],
    ["what a volume has when it is new", ["lost+found/x"]],
    ["what releases before the mark made", ["layouts/a", "runs/b", "engine/c", "registry/d", "upstream/e"]],
    ["what a start makes", ["bundles/0/birdhouse.js"]],
  ])("with %s is ours, and is marked", async (_, files) => {
    const directory = await folder(...files);
    expect([await isMarked(directory), await strangersIn(directory)]).toEqual([false, []]);
    await markStateDirectory(directory);
    await writeFile(join(directory, "a-note-of-somebody"), "");
    expect([await isMarked(directory), await strangersIn(directory)]).toEqual([true, []]);
  });

  it("need not be there", async () => {
    const directory = join(await folder(), "not/yet");
    expect([await isMarked(directory), await strangersIn(directory)]).toEqual([false, []]);
    await markStateDirectory(directory);
    expect([await isMarked(directory), await strangersIn(directory)]).toEqual([true, []]);
  });

  it("of somebody else is not marked, and nothing in it is removed", async () => {
    const files = [
      ".bashrc",
      "engine/v8",
      "layouts/a-01234567/node/22/runtime/index.json",
      "runs/r.md",
      "scratch/run-photos/x",
    ];
    const home = await folder(...files);
    await markStateDirectory(home);
    expect([await isMarked(home), await strangersIn(home)]).toEqual([false, [".bashrc"]]);
    await expect(clean({ state: home, rule: RULE, dryRun: false })).rejects.toMatchObject({
      name: "UserError",
      message: `${home} is not a state directory of Birdhouse: it holds .bashrc`,
    });
    for (const file of files) expect(await readFile(join(home, file), "utf8")).toBe("x");
    expect(await readdir(home)).toHaveLength(5);
  });
});
