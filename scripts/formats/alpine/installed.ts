import type { Package } from "../../model/package.ts";
import { messageOf } from "../../system/errors.ts";
import { quotedStart } from "../../system/shown/clean-text.ts";
import { emptyDraft, finish, type PackageDraft, setField } from "./entry.ts";

/** Path of the database of what is installed, below the root of the image. */
export const INSTALLED_PATH = "lib/apk/db/installed";

/** A package that is installed, and what of it is on the disk. */
export interface InstalledPackage extends Package {
  /** Its directories in the order of the database; paths have no leading slash, the root is empty. */
  readonly directories: readonly InstalledDirectory[];
}

/** (F) */
export interface InstalledDirectory {
  readonly path: string;
  /** (M) */
  readonly access?: Access;
  readonly files: readonly InstalledFile[];
}

/** (R) */
export interface InstalledFile {
  /** Without the directory. */
  readonly name: string;
  /** (a) Absent for root's files of mode 644. */
  readonly access?: Access;
  /** (Z) `Q1` and the SHA-1 of the content, or of a symbolic link's target, in base64. */
  readonly checksum?: string;
}

/** `UID:GID:MODE`, the mode in octal. */
export interface Access {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

type Draft = PackageDraft & { directories: DirectoryDraft[] };
type DirectoryDraft = { path: string; access?: Access; files: FileDraft[] };
type FileDraft = { name: string; access?: Access; checksum?: string };

/**
 * Reads `lib/apk/db/installed`: the fields of an index, and for each package the directories and files it owns.
 *
 * @throws Error naming the line, when the database is not what it should be
 */
export function parseInstalled(text: string): InstalledPackage[] {
  const packages: InstalledPackage[] = [];
  let draft: Draft | undefined;
  for (const [position, line] of `${text}\n`.split("\n").entries()) {
    try {
      if (line !== "") {
        draft ??= { ...emptyDraft(), directories: [] };
        setLine(draft, line);
      } else if (draft) {
        packages.push(finish(draft));
        draft = undefined;
      }
    } catch (error) {
      throw new Error(`line ${position + 1} of the database of installed packages: ${messageOf(error)}`);
    }
  }
  return packages;
}

/** The paths of all the files that a package owns, without a leading slash. */
export function ownedFiles(installed: InstalledPackage): string[] {
  return installed.directories.flatMap(({ path, files }) =>
    files.map(({ name }) => (path === "" ? name : `${path}/${name}`)),
  );
}

/** The letters that tell of files and directories. */
const FILE_LETTERS = new Set(["F", "M", "R", "a", "Z"]);

function setLine(draft: Draft, line: string): void {
  const letter = line[0] ?? "";
  if (FILE_LETTERS.has(letter) && line[1] === ":") setFileField(draft, letter, line.slice(2));
  else setField(draft, line, 0, line.length);
}

function setFileField(draft: Draft, letter: string, value: string): void {
  const directory = draft.directories.at(-1);
  const file = directory?.files.at(-1);
  if (letter === "F") draft.directories.push({ path: value, files: [] });
  else if (letter === "M" && directory) directory.access = parseAccess(value);
  else if (letter === "R" && directory) directory.files.push({ name: value });
  else if (letter === "a" && file) file.access = parseAccess(value);
  else if (letter === "Z" && file) file.checksum = value;
  else throw new Error(`${letter} comes before the file or directory it belongs to`);
}

function parseAccess(value: string): Access {
  const { uid, gid, mode } =
    /^(?<uid>\d{1,10}):(?<gid>\d{1,10}):(?<mode>[0-7]{1,6})(?!\d)/.exec(value)?.groups ?? {};
  if (uid === undefined || gid === undefined || mode === undefined) {
    throw new Error(`not an owner and mode: ${quotedStart(value)}`);
  }
  return { uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode, 8) };
}
