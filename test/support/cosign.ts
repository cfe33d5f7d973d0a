import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { openSuite, systemMirror } from "../../scripts/sandbox/debian.ts";
import { run } from "../../scripts/system/process.ts";
import { PROJECT_STATE } from "./world.ts";

/**
 * Downloads and unpacks the real cosign, once: Debian 12 has none, the next release has. The system is not
 * touched.
 * @returns the folder that it lies in, for the PATH
 */
export async function unpackCosign(): Promise<string> {
  const root = join(PROJECT_STATE, "test/cosign");
  const programs = join(root, "usr/bin");
  if (existsSync(root)) return programs;
  const work = `${root}.new`;
  await rm(work, { recursive: true, force: true });
  const archive = await openSuite("trixie", join(work, "apt"), await systemMirror());
  const files = await archive.download(["cosign"], join(work, "debs"));
  for (const file of files.values()) await run(["dpkg-deb", "--extract", file, join(work, "root")]);
  await rename(join(work, "root"), root);
  await rm(work, { recursive: true });
  return programs;
}
