import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readMember } from "../../scripts/alpine/gzip.ts";
import { readTar } from "../../scripts/alpine/tar.ts";
import { writeIndex, writePackage } from "../../scripts/sandbox/mirror/apk-file.ts";
import { loadSigningKey, type SigningKey } from "../../scripts/sandbox/mirror/signing-key.ts";
import { type FileServer, serveDirectory } from "../../scripts/sandbox/serve.ts";
import { PROJECT_STATE } from "./world.ts";

const ARCHITECTURE = "x86_64";
const LIMIT = 64 * 1024 * 1024;

/**
 * A package mirror that a test moves: one branch of the sandbox's, and packages of the test's own in its
 * community repository, each a single file `/usr/share/NAME`.
 */
export class ScriptedMirror {
  readonly #own = new Map<string, string>();
  #server: FileServer | undefined;
  #made = Date.now();

  private constructor(
    readonly directory: string,
    readonly branch: string,
    readonly key: SigningKey,
    readonly sandboxEntries: string,
  ) {}

  static async open(branch = "3.22"): Promise<ScriptedMirror> {
    const directory = await mkdtemp(join(tmpdir(), "birdhouse-mirror-"));
    // Links of files, not copies of them: what is written anew must be removed first.
    await promisify(execFile)("cp", ["-al", join(PROJECT_STATE, "sandbox/mirror", `v${branch}`), directory]);
    const key = await loadSigningKey(join(PROJECT_STATE, "sandbox/keys"));
    const index = await readFile(join(directory, `v${branch}/community/${ARCHITECTURE}/APKINDEX.tar.gz`));
    const mirror = new ScriptedMirror(directory, branch, key, entriesOf(index));
    await mirror.#writeIndex();
    mirror.#server = await serveDirectory(directory, 0);
    return mirror;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  /** Where the public key is. */
  get keys(): string {
    return join(PROJECT_STATE, "sandbox/keys");
  }

  /** The folder of the community repository: for tests that spoil what is in it. */
  get community(): string {
    return join(this.directory, `v${this.branch}/community/${ARCHITECTURE}`);
  }

  /** Puts a build of a package into the mirror, in place of the one before. */
  async put(name: string, version: string, depends: readonly string[] = []): Promise<void> {
    const info = { name, version, description: `${name} of a test`, license: "MIT", provides: [] };
    const content = Buffer.from(`${name} ${version}\n`);
    const entry = await writePackage(
      join(this.community, `${name}-${version}.apk`),
      { ...info, architecture: ARCHITECTURE, depends },
      [{ path: `usr/share/${name}`, type: "file", mode: 0o644, content }],
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

  /** Goes away, as a mirror does for a night. */
  async stop(): Promise<void> {
    await this.#server?.close();
  }

  async start(): Promise<void> {
    this.#server = await serveDirectory(this.directory, Number(new URL(this.url).port));
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
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
