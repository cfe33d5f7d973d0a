import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Makes a folder of what tests have in common, unless it is there: of test files that run beside each other one makes
 * it, and the others wait.
 * @param make makes its content in a folder of work; what it returns takes the place of `folder`
 */
export async function makeOnce(folder: string, make: (work: string) => Promise<string>): Promise<string> {
  const lock = `${folder}.lock`;
  await mkdir(dirname(folder), { recursive: true });
  while (!existsSync(folder)) {
    const isOurs = await writeFile(lock, String(process.pid), { flag: "wx" }).then(
      () => true,
      () => false,
    );
    if (!isOurs) {
      const owner = await readFile(lock, "utf8").catch(() => "");
      if (owner !== "" && !existsSync(`/proc/${owner}`)) await rm(lock, { force: true });
      else await sleep(200);
      continue;
    }
    const work = `${folder}.new`;
    try {
      await rm(work, { recursive: true, force: true });
      if (!existsSync(folder)) await rename(await make(work), folder);
    } finally {
      await rm(work, { recursive: true, force: true });
      await rm(lock, { force: true });
    }
  }
  return folder;
}
