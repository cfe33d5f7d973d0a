import { mkdir, mkdtemp, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { PROJECT } from "./code.ts";
import { freePort, PROJECT_STATE } from "./world.ts";

/** Whoever has just opened a terminal: nothing of npm's or make's that started the tests. */
const STRANGER = [
  "env",
  ...Object.keys(process.env)
    .filter((name) => /^(?:npm_|INIT_CWD$|NODE_ENV$|VITEST)/i.test(name))
    .flatMap((name) => ["-u", name]),
];

/** The package as `npm pack` makes it, with what `--json` says of it. */
export interface Packed {
  /** The path of the archive. */
  readonly archive: string;
  /** Bytes. */
  readonly size: number;
  readonly files: readonly string[];
}

/** Packs the project as a person would, into a folder of the caller's. */
export async function packInto(folder: string): Promise<Packed> {
  const command = [...STRANGER, "npm", "pack", "--json", "--silent", "--pack-destination", folder];
  const { stdout } = await run(command, { cwd: PROJECT });
  // Before npm's JSON stands what the script that makes the bundle prints, if it prints anything.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf("[\n")));
  const files = (packed.files as { path: string }[]).map(({ path }) => path);
  return { archive: join(folder, packed.filename), size: packed.size, files };
}

/** A folder of somebody who has the archive and no network, with Birdhouse installed in it. */
export class Installation {
  readonly #closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly folder: string,
    readonly registryHost: string,
    readonly mirrorPort: number,
  ) {}

  /** `npm install --offline`, in an empty folder: the package has no dependencies, so npm asks nobody. */
  static async open(archive: string): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), "birdhouse-team-"));
    const made = new Installation(folder, `127.0.0.1:${await freePort()}`, await freePort());
    await run([...STRANGER, "npm", "install", "--offline", "--no-audit", "--no-fund", archive], {
      cwd: folder,
    });
    // The sandbox's mirror takes minutes to make, and is the same wherever it is made.
    await mkdir(join(folder, ".birdhouse"));
    await symlink(join(PROJECT_STATE, "sandbox"), join(folder, ".birdhouse/sandbox"));
    return made;
  }

  get namespace(): string {
    return `${this.registryHost}/team`;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), "utf8");
  }

  /** `npx birdhouse …`, as typed in the folder. */
  npx(...words: readonly string[]): Promise<ProcessResult> {
    return tryRun([...STRANGER, "npx", "birdhouse", ...words], { cwd: this.folder });
  }

  /** The same without npx, which takes half a second each time. */
  birdhouse(...words: readonly string[]): Promise<ProcessResult> {
    return tryRun([...STRANGER, "node_modules/.bin/birdhouse", ...words], { cwd: this.folder });
  }

  /** The same for a command that asks a registry and a mirror: with ports of its own. */
  session(...words: readonly string[]): Promise<ProcessResult> {
    return this.npx(...words, "--registry", this.namespace, "--mirror-port", String(this.mirrorPort));
  }

  /** Keeps its registry running between commands, as those of a team do. */
  async startRegistry(): Promise<void> {
    const directory = this.path(".birdhouse/registry");
    this.#closers.push(await openLocalRegistry({ host: this.registryHost, directory, note: () => {} }));
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    await unmountBelow(this.folder);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** Bytes of a file. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
