import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../scripts/system/process/process.ts";
import { isInstalled } from "../../scripts/system/process/tools.ts";
import { makeOnce } from "./make-once.ts";
import { unpackDebian } from "./unpack-debian.ts";
import { PROJECT_STATE } from "./world.ts";

/** Why nothing can be compiled for musl here; undefined when it can. */
export const noMuslGcc: string | undefined = (await isInstalled("gcc"))
  ? undefined
  : "no gcc, which Debian's musl-gcc drives";

/**
 * Compiles a C program for musl, with what Debian has of it: it knows nothing of Alpine, whose musl then runs it.
 * @param options of gcc, such as `-static`
 * @param output the program
 */
export async function compileForMusl(
  source: string,
  output: string,
  options: readonly string[],
): Promise<void> {
  const specs = join(await unpackMusl(), "specs");
  await writeFile(`${output}.c`, source);
  await run(["gcc", "-specs", specs, ...options, "-o", output, `${output}.c`]);
}

/** musl's headers, libraries and specs of gcc, which say where these are: unpacked apart, that is elsewhere. */
function unpackMusl(): Promise<string> {
  const folder = join(PROJECT_STATE, "test/musl-gcc");
  return makeOnce(folder, async (work) => {
    const root = join(work, "root");
    await run(["mkdir", "-p", root]);
    for (const name of ["musl", "musl-dev", "musl-tools"]) {
      await run(["cp", "-a", `${await unpackDebian("bookworm", name)}/.`, root]);
    }
    const specs = await readFile(join(root, "usr/lib/x86_64-linux-musl/musl-gcc.specs"), "utf8");
    const moved = specs.replaceAll(
      /\/usr\/(lib|include)\/x86_64-linux-musl/g,
      `${folder}/usr/$1/x86_64-linux-musl`,
    );
    await writeFile(join(root, "specs"), moved);
    return root;
  });
}
