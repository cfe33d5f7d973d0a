import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { openSuite, type Suite, systemMirror } from "../../sandbox/debian.ts";
import { run } from "../../scripts/system/process/process.ts";
import { makeOnce } from "./make-once.ts";
import { PROJECT_STATE } from "./world.ts";

/**
 * Downloads and unpacks a package of Debian's, once, without what it depends on. The system is not touched.
 * @returns the folder that stands for the root, with a file `version` in it
 */
export async function unpackDebian(suite: Suite, name: string): Promise<string> {
  const root = join(PROJECT_STATE, "test", suite === "trixie" ? name : `${suite}-${name}`);
  return makeOnce(root, async (work) => {
    const archive = await openSuite(suite, join(work, "apt"), await systemMirror());
    const files = await archive.download([name], join(work, "debs"));
    for (const file of files.values()) await run(["dpkg-deb", "--extract", file, join(work, "root")]);
    await writeVersion(join(work, "root"), files.get(name));
    return join(work, "root");
  });
}

/**
 * Writes the file `version` of a root: which version of a program it has, as its makers count.
 * @param file of the package, such as `crane_0.20.7+ds1-5_amd64.deb`, which has 0.20.7
 */
export async function writeVersion(root: string, file = ""): Promise<void> {
  const version = /_(?:\d+%3a)?(\d[\d.]*)/.exec(basename(file))?.[1] ?? "of an unknown version";
  await writeFile(join(root, "version"), version);
}
