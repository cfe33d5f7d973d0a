import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuiltRelease, imagesOf } from "../build/release.ts";
import { writeWhole } from "../system/files/files.ts";

/** Lies in the layout of each variant, which a new build removes. */
const FILE = "smoke-passed";

/** Names the images of a release and all that their test is made of. */
function testOf(release: BuiltRelease): string {
  const { smoke, example, budget, package: name } = release.runtime.target;
  const digests = imagesOf(release).map(({ index }) => index.digest);
  const test = { digests, smoke, example, budget, devBudget: release.dev.target.budget, name };
  return createHash("sha256").update(JSON.stringify(test)).digest("hex");
}

/** Whether these very images have passed this very test before. An example's files are not among it. */
export async function hasPassed(release: BuiltRelease): Promise<boolean> {
  const test = testOf(release);
  const found = imagesOf(release).map(({ layout }) => readFile(join(layout, FILE), "utf8").catch(() => ""));
  return (await Promise.all(found)).every((text) => text === test);
}

/** Remembers that they have. */
export async function rememberPassed(release: BuiltRelease): Promise<void> {
  const test = testOf(release);
  await Promise.all(imagesOf(release).map(({ layout }) => writeWhole(join(layout, FILE), test)));
}
