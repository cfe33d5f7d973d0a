import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltRelease } from "../build/built.ts";
import { eachOf } from "../model/target.ts";
import { writeWhole } from "../system/files/files.ts";

/** Lies in the layout of each variant, which a new build removes. */
const FILE = "smoke-passed";

/** Where images ran that did not run on an engine, `pods linux/amd64`: there some things are left out. */
type Where = string | undefined;

/** Names the images of a release and all that their test is made of. */
function testOf(release: BuiltRelease, where: Where): string {
  const { smoke, checks, example, budget, package: name } = release.runtime.target;
  const digests = eachOf(release).map(({ index }) => index.digest);
  const test = { digests, smoke, checks, example, budget, devBudget: release.dev.target.budget, name, where };
  return createHash("sha256").update(JSON.stringify(test)).digest("hex");
}

/** Whether these very images have passed this very test before. An example's files are not among it. */
export async function hasPassed(release: BuiltRelease, where: Where): Promise<boolean> {
  const test = testOf(release, where);
  const found = eachOf(release).map(({ layout }) => readFile(join(layout, FILE), "utf8").catch(() => ""));
  return (await Promise.all(found)).every((text) => text === test);
}

/** Remembers that they have. */
export async function rememberPassed(release: BuiltRelease, where: Where): Promise<void> {
  const test = testOf(release, where);
  await Promise.all(eachOf(release).map(({ layout }) => writeWhole(join(layout, FILE), test)));
}
