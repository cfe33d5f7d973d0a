import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, posix, sep } from "node:path";
import type { Access, InstalledDirectory, InstalledFile } from "../../scripts/formats/alpine/installed.ts";
import { readTar, type TarEntry } from "../../scripts/formats/alpine/tar.ts";
import { checksumOf } from "./package-file.ts";

/** The PAX record in which Alpine's packages carry the SHA-1 of a file, in hexadecimal digits. */
const CHECKSUM_RECORD = "APK-TOOLS.checksum.SHA1";

/**
 * Unpacks the data of a package below a root directory.
 *
 * @param permit called with each path before it is written; throws where that must not be
 * @returns the directories and files, as the database of what is installed names them
 * @throws Error when an entry would lead out of the root, or is of a kind that no package of ours has
 */
export function unpack(data: Buffer, root: string, permit: (path: string) => void): InstalledDirectory[] {
  const tree = new Tree(root);
  const directories = new Map<string, { path: string; access?: Access; files: InstalledFile[] }>();
  const directoryAt = (path: string) => {
    const directory = directories.get(path) ?? { path, files: [] };
    directories.set(path, directory);
    return directory;
  };
  for (const entry of readTar(data)) {
    const path = safePath(entry.path);
    if (entry.type === "directory") {
      tree.makeDirectory(path, entry);
      Object.assign(directoryAt(path), accessUnless(entry, 0o755));
    } else {
      permit(path);
      tree.makeFile(path, entry);
      const parent = dirname(path);
      directoryAt(parent === "." ? "" : parent).files.push(installedFile(path, entry));
    }
  }
  return [...directories.values()];
}

/** A path of an archive as one below the root, without a slash at either end. @throws Error when it leads elsewhere */
function safePath(path: string): string {
  const normal = posix.normalize(path).replace(/^\.?\/|\/$/g, "");
  if (path.startsWith("/") || normal.split("/").includes("..")) {
    throw new Error(`the package holds the path ${JSON.stringify(path)}, which leads out of the root`);
  }
  return normal === "." ? "" : normal;
}

function installedFile(path: string, entry: TarEntry): InstalledFile {
  const recorded = entry.pax.get(CHECKSUM_RECORD);
  const content = entry.type === "symlink" ? Buffer.from(entry.linkPath) : entry.content;
  const checksum =
    recorded === undefined ? checksumOf(content) : `Q1${Buffer.from(recorded, "hex").toString("base64")}`;
  return { name: basename(path), ...accessUnless(entry, 0o644), checksum };
}

/** Owner and mode, unless they are root's and the usual ones: then the database leaves them out. */
function accessUnless({ uid, gid, mode }: TarEntry, usual: number): { access?: Access } {
  return uid === 0 && gid === 0 && mode === usual ? {} : { access: { uid, gid, mode } };
}

/** What new files are not allowed. */
const UMASK = process.umask();

/** Opens a file that was not there; what is in its place goes. */
function createAnew(target: string, mode: number): number {
  try {
    return openSync(target, "wx", mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    rmSync(target, { force: true });
    return openSync(target, "wx", mode);
  }
}

/** A root directory that is written into. */
class Tree {
  readonly #root: string;
  /** Directories known to lie below the root. */
  readonly #checked = new Set<string>();
  readonly #isRoot = process.getuid?.() === 0;

  constructor(root: string) {
    this.#root = realpathSync(root);
  }

  makeDirectory(path: string, entry: TarEntry): void {
    const target = this.#directory(path);
    this.#own(target, entry);
    chmodSync(target, entry.mode);
  }

  makeFile(path: string, entry: TarEntry): void {
    const target = join(this.#directory(dirname(path)), basename(path));
    if (entry.type === "file") {
      this.#writeFile(target, entry);
      return;
    }
    rmSync(target, { force: true });
    switch (entry.type) {
      case "symlink":
        symlinkSync(entry.linkPath, target);
        this.#own(target, entry);
        return;
      case "hardlink": {
        const other = safePath(entry.linkPath);
        linkSync(join(this.#directory(dirname(other)), basename(other)), target);
        return;
      }
      default:
        throw new Error(`the package holds ${path}, a ${entry.type}, which cannot be made here`);
    }
  }

  /** By one way to the file, as there are ten thousands of them: each step that names its path looks that up anew. */
  #writeFile(target: string, { content, uid, gid, mode, mtime }: TarEntry): void {
    const file = createAnew(target, mode & 0o777);
    try {
      writeFileSync(file, content);
      if (this.#isRoot) fchownSync(file, uid, gid);
      // A new owner takes away what runs as another.
      if ((mode & 0o777 & ~UMASK) !== mode) fchmodSync(file, mode);
      futimesSync(file, mtime, mtime);
    } finally {
      closeSync(file);
    }
  }

  /** The directory's real path; made where it is not there. A link on the way must not lead out of the root. */
  #directory(path: string): string {
    const target = join(this.#root, path);
    if (this.#checked.has(target)) return target;
    mkdirSync(target, { recursive: true });
    const real = realpathSync(target);
    if (real !== this.#root && !real.startsWith(this.#root === sep ? sep : this.#root + sep)) {
      throw new Error(`${path} leads out of the root, to ${real}`);
    }
    this.#checked.add(target);
    return target;
  }

  #own(target: string, { uid, gid }: TarEntry): void {
    if (this.#isRoot) lchownSync(target, uid, gid);
  }
}
