import { join } from "node:path";
import { openSuite, type Suite, systemMirror } from "../../sandbox/debian.ts";
import { run } from "../../scripts/system/process/process.ts";
import { makeOnce } from "./make-once.ts";
import { PROJECT_STATE } from "./world.ts";

/**
 * Downloads and unpacks a package of Debian's, once, without what it depends on. The system is not touched.
 * @returns the folder that stands for the root
 */
export async function unpackDebian(suite: Suite, name: string): Promise<string> {
  const root = join(PROJECT_STATE, "test", suite === "trixie" ? name : `${suite}-${name}`);
  return makeOnce(root, async (work) => {
    const archive = await openSuite(suite, join(work, "apt"), await systemMirror());
    const files = await archive.download([name], join(work, "debs"));
    for (const file of files.values()) await run(["dpkg-deb", "--extract", file, join(work, "root")]);
    return join(work, "root");
  });
}
