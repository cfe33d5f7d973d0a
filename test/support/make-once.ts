import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How the folder is called that keeps other files of the tests from making the same: prepare-sandbox.ts clears them. */
export const LOCK_ENDING = ".lock";

/**
 * Makes a folder of what tests have in common, unless it is there: of test files that run beside each other one makes
 * it, and the others wait.
 * @param make makes its content in a folder of work; what it returns takes the place of `folder`
 */
export async function makeOnce(folder: string, make: (work: string) => Promise<string>): Promise<string> {
  const lock = `${folder}${LOCK_ENDING}`;
  await mkdir(dirname(folder), { recursive: true });
  while (!existsSync(folder)) {
    const isOurs = await mkdir(lock).then(
      () => true,
      () => false,
    );
    if (!isOurs) {
      await sleep(200);
      continue;
    }
    const work = `${folder}.new`;
    try {
      await rm(work, { recursive: true, force: true });
      if (!existsSync(folder)) await rename(await make(work), folder);
    } finally {
      await rm(work, { recursive: true, force: true });
      await rm(lock, { recursive: true, force: true });
    }
  }
  return folder;
}
