import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeIndex, writePackage } from "../../sandbox/mirror/apk-file.ts";
import type { SigningKey } from "../../sandbox/mirror/signing-key.ts";
import { readMember } from "../../scripts/formats/alpine/gzip.ts";
import { readTar } from "../../scripts/formats/alpine/tar.ts";

const ARCHITECTURE = "x86_64";
const LIMIT = 64 * 1024 * 1024;

/** What a build of a package is beside its name and version. */
export interface Contents {
  readonly depends?: readonly string[];
  /** The text of a program `/usr/bin/NAME`; without it the package is a file `/usr/share/NAME`. */
  readonly program?: string;
}

/** One branch of a mirror: the sandbox's packages, and in its community repository the test's own. */
export class ScriptedBranch {
  readonly #own = new Map<string, string>();
  #made = Date.now();

  private constructor(
    readonly directory: string,
    readonly branch: string,
    readonly key: SigningKey,
    readonly sandboxEntries: string,
  ) {}

  /** @param directory of the mirror, with the sandbox's branch in it */
  static async open(directory: string, branch: string, key: SigningKey): Promise<ScriptedBranch> {
    const index = await readFile(join(directory, `v${branch}/community/${ARCHITECTURE}/APKINDEX.tar.gz`));
    const opened = new ScriptedBranch(directory, branch, key, entriesOf(index));
    await opened.#writeIndex();
    return opened;
  }

  /** The folder of the community repository: for tests that spoil what is in it. */
  get community(): string {
    return join(this.directory, `v${this.branch}/community/${ARCHITECTURE}`);
  }

  /** Puts a build of a package into the mirror, in place of the one before. */
  async put(name: string, version: string, { depends = [], program }: Contents = {}): Promise<void> {
    const info = { name, version, description: `${name} of a test`, license: "MIT", provides: [] };
    const file =
      program === undefined
        ? { path: `usr/share/${name}`, mode: 0o644, content: Buffer.from(`${name} ${version}\n`) }
        : { path: `usr/bin/${name}`, mode: 0o755, content: Buffer.from(program) };
    const entry = await writePackage(
      join(this.community, `${name}-${version}.apk`),
      { ...info, architecture: ARCHITECTURE, depends },
      [{ type: "file", ...file }],
      this.key,
    );
    this.#own.set(name, entry);
    await this.#writeIndex();
  }

  /** Says which version of a package fixed what. */
  async fix(fixes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>): Promise<void> {
    const folder = join(this.directory, `secdb/v${this.branch}`);
    await mkdir(folder, { recursive: true });
    const packages = Object.entries(fixes).map(([name, secfixes]) => ({ pkg: { name, secfixes } }));
    await writeFile(join(folder, "community.json"), JSON.stringify({ packages }));
    await writeFile(join(folder, "main.json"), JSON.stringify({ packages: [] }));
  }

  /** Each index is a second younger than the one before, as tars count time. */
  async #writeIndex(): Promise<void> {
    const path = join(this.community, "APKINDEX.tar.gz");
    const entries = [this.sandboxEntries, ...this.#own.values()].filter((entry) => entry !== "");
    this.#made += 1000;
    await rm(path, { force: true });
    await writeIndex(path, `v${this.branch}.0 test`, entries, this.key, new Date(this.#made));
  }
}

/** The entries of an index as they stand, without the empty line after the last. */
function entriesOf(index: Buffer): string {
  const signature = readMember(index, 0, LIMIT);
  const { content } = readMember(index.subarray(signature.compressed.length), 0, LIMIT);
  for (const entry of readTar(content)) {
    if (entry.path === "APKINDEX") return entry.content.toString("utf8").trimEnd().concat("\n");
  }
  throw new Error("an index without an APKINDEX");
}
