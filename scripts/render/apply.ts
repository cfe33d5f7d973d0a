import { dirname, join } from "node:path";
import { messageOf, UserError } from "../system/errors.ts";
import { removeEmptyFolder, removeFile, writeWhole } from "../system/files/files.ts";

/** How many files that were not written are named. */
const SHOWN = 10;

/**
 * Writes files and removes others. Each is whole, whatever comes; where some cannot be written, the others are.
 * @param folder the catalog's: no symbolic link below it is followed
 * @param changes path below the folder → its text; undefined removes it
 * @param within folders below this one, in the catalog's, are removed once their last file was
 * @throws UserError that says why, and which are as they were
 */
export async function applyDifferences(
  folder: string,
  changes: ReadonlyMap<string, string | undefined>,
  within: string,
): Promise<void> {
  const gone = [...changes].filter(([, text]) => text === undefined).map(([path]) => path);
  const failed = new Failed();
  // First, as one may have the name of a folder that is to come.
  await failed.of(gone, (path) => removeFile(join(folder, path), { below: folder }));
  for (const path of gone) await removeEmptied(folder, dirname(path), within);
  const wanted = [...changes.keys()].filter((path) => changes.get(path) !== undefined);
  await failed.of(wanted, (path) =>
    writeWhole(join(folder, path), changes.get(path) ?? "", { below: folder }),
  );
  failed.throwIfAny(changes.size);
}

/** What could not be done, and why. */
class Failed {
  readonly #paths: string[] = [];
  #error: unknown;

  /** Does something with each, whatever becomes of the others. */
  async of(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
    const attempt = (path: string) =>
      work(path).catch((error: unknown) => {
        this.#error ??= error;
        this.#paths.push(path);
      });
    await Promise.all(paths.map((path) => attempt(path)));
  }

  throwIfAny(all: number): void {
    const paths = this.#paths.sort();
    if (paths.length === 0) return;
    const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : "";
    const hint = this.#error instanceof UserError ? this.#error.hint : undefined;
    throw new UserError(
      `${messageOf(this.#error)}\n${paths.length} of ${all} files are as they were: ` +
        `${paths.slice(0, SHOWN).join(", ")}${more}`,
      hint === undefined ? "run `make render` again" : `${hint}; then run \`make render\` again`,
    );
  }
}

/** Removes a folder with nothing in it, and those above that so come to have nothing in them. */
async function removeEmptied(folder: string, path: string, within: string): Promise<void> {
  let empty = path;
  while (empty.startsWith(`${within}/`) && (await removeEmptyFolder(join(folder, empty)))) {
    empty = dirname(empty);
  }
}
