import { join } from "node:path";
import { makeScratch, setMode, writeWhole } from "../system/files/files.ts";
import { removeOurs } from "../system/state/run-folder.ts";

/** Makes a folder for the files of one test, as long as it takes. */
export async function withWorkdir(scratch: string, use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await makeScratch(scratch, "smoke-");
  try {
    // The runtime image's user, who is not the one that runs us, must see the files whatever our umask is.
    await setMode(directory, 0o755);
    await use(directory);
  } finally {
    await removeOurs(directory);
  }
}

/** Writes files for everybody to read. */
export async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await writeWhole(path, content);
    await setMode(path, 0o644);
  }
}
