import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openMirror } from "../../sandbox/index.ts";
import { Registry } from "../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import {
  type ProcessOptions,
  type ProcessResult,
  run,
  tryRun,
} from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { validOutput } from "./outputs.ts";

const PROJECT = resolve(fileURLToPath(import.meta.url), "../../..");

/** The project's own state directory: the sandbox in it is made once, for tests and users alike. */
export const PROJECT_STATE = join(PROJECT, ".birdhouse");

/** How a test starts the command line: without npm, which costs half a second each time. */
export const BIRDHOUSE = [process.execPath, join(PROJECT, "scripts/start.mjs")];

/** A directory with a catalog in it, and ports of its own: nothing that another test can see. */
export class World {
  readonly #closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly directory: string,
    readonly registryHost: string,
    readonly mirrorPort: number,
  ) {}

  /**
   * @param catalog the text of catalog.yaml
   * @param hasBases whether the world's registry has the sandbox's base images from the beginning, as one that was used
   * before has: to push them anew would take each world as long as some of its builds
   */
  static async open(catalog: string, { hasBases = true } = {}): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), "birdhouse-e2e-"));
    const world = new World(directory, `127.0.0.1:${await freePort()}`, await freePort());
    await world.writeCatalog(catalog);
    await mkdir(world.path("state"));
    await symlink(join(PROJECT_STATE, "sandbox"), world.path("state/sandbox"));
    if (hasBases) await bringBases(world.path("state/registry"));
    return world;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  get namespace(): string {
    return `${this.registryHost}/test`;
  }

  get registry(): Registry {
    return new Registry(this.registryHost);
  }

  writeCatalog(text: string): Promise<void> {
    return writeFile(this.path("catalog.yaml"), text);
  }

  readCatalog(): Promise<string> {
    return readFile(this.path("catalog.yaml"), "utf8");
  }

  /** Keeps the registry running between commands, so that the test can look into it. */
  async startRegistry(): Promise<void> {
    const directory = this.path("state/registry");
    this.#closers.push(await openLocalRegistry({ host: this.registryHost, directory, note: () => {} }));
  }

  /**
   * Keeps packages and the languages' registries served between commands too, for what dev images are told to
   * do: the registry must run.
   */
  async startMirror(): Promise<void> {
    const { registryHost: registry, mirrorPort } = this;
    this.#closers.push(await openMirror({ state: this.path("state"), registry, mirrorPort, note: () => {} }));
  }

  /** The words of a command line that works in this world. */
  commandLine(command: string, ...args: readonly string[]): string[] {
    const sandbox = ["--profile", "sandbox", "--registry", this.namespace];
    const places = ["--state", this.path("state"), "--mirror-port", String(this.mirrorPort)];
    return [...BIRDHOUSE, command, "--catalog", this.path("catalog.yaml"), ...sandbox, ...places, ...args];
  }

  /** Runs a command of Birdhouse in the sandbox. */
  birdhouse(command: string, ...args: readonly string[]): Promise<ProcessResult> {
    return tryRun(this.commandLine(command, ...args));
  }

  /** The same with `--json`: what it printed on standard output, as its schema says, parsed. */
  async json(command: string, ...args: readonly string[]): Promise<{ exitCode: number; document: Document }> {
    const { exitCode, stdout, stderr } = await this.birdhouse(command, "--json", ...args);
    if (!stdout.startsWith("{")) throw new Error(`no JSON came of ${command}: ${stderr}`);
    return { exitCode, document: validOutput(stdout) as unknown as Document };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    // A run that was killed leaves its engine's mounts, and a step that goes on to its end.
    await unmountBelow(this.directory);
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** The storage of a registry, below its `data` (Distribution, registry/storage/paths.go). */
const STORAGE = "docker/registry/v2";

/**
 * Gives a registry to be the base images of the tests' own. Blobs are linked, where the disk can: a registry writes each
 * once. What may be written again, its tags, is copied.
 */
async function bringBases(registry: string): Promise<void> {
  const from = join(PROJECT_STATE, "test/registry/data", STORAGE);
  if (!existsSync(from)) return;
  const to = join(registry, "data", STORAGE);
  await mkdir(to, { recursive: true });
  await run(["cp", "-a", join(from, "repositories"), to]);
  const linked = await tryRun(["cp", "-al", join(from, "blobs"), to]);
  if (linked.exitCode !== 0) await run(["cp", "-a", join(from, "blobs"), to]);
}

/** What `--json` prints, as far as tests look at it. */
export interface Document {
  readonly plan: readonly {
    target: string;
    rebuild: boolean;
    reasons: readonly {
      kind: string;
      text: string;
      moved?: readonly { name: string; from: string; to: string }[];
    }[];
    unavailable: string | null;
    mistake: { text: string; place: string } | null;
    platforms: string[];
    unavailablePlatforms: { platform: string; because: string }[];
    unknown: string[];
  }[];
  readonly outcomes: readonly {
    status: string;
    target: string;
    digest: string;
    tags: string[];
    uploadedBytes: number;
    platforms: { packages: string[] }[];
  }[];
}

/** Runs a command in the project, outside of any world. */
export function runCommand(args: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  return tryRun([...BIRDHOUSE, ...args], options);
}

/** A port on loopback that nothing listens on. Files run beside each other: none is given twice in a run of the tests. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await unusedPort();
    const folder = process.env.BIRDHOUSE_TEST_BUILT;
    if (folder === undefined) return port;
    await mkdir(join(folder, "ports"), { recursive: true });
    // Who makes the file has the port, also before anything listens there.
    const taken = await writeFile(join(folder, "ports", String(port)), "", { flag: "wx" }).catch(
      (error: NodeJS.ErrnoException) => error,
    );
    if (taken === undefined) return port;
    if (taken.code !== "EEXIST") throw taken;
  }
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== "object" || !address) throw new Error("the system gave no port");
  return address.port;
}
