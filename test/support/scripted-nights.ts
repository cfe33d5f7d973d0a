import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { packagesIn } from "../bench/move/installed.ts";
import { type CountedBuildah, countBuilds } from "./counted-buildah.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { bird, catalogText, type ScriptedCatalog } from "./scripted-catalog.ts";
import { environmentAt } from "./scripted-clock.ts";
import { ScriptedMirror } from "./scripted-mirror.ts";
import { type Document, freePort, World } from "./world.ts";

const FIRST_NIGHT = Date.parse("2031-03-01T03:00:00Z");
const DAY = 86_400_000;

/** What a run of a night ended with. */
export interface NightRun {
  readonly exitCode: number | null;
  /** All that it printed. */
  readonly said: string;
  /** Versions such as `wren:2`, by what became of both variants; sorted. */
  readonly published: readonly string[];
  readonly failed: readonly string[];
  /** What the engine was asked to build: `wren-2-dev`. */
  readonly builds: readonly string[];
}

/** A world in which a night comes after another: a mirror and a registry that may fail, and a calendar. */
export class ScriptedNights {
  /** The first is 1. */
  night = 0;
  /** The names of the packages that the test has put into the mirror. */
  readonly ownPackages = new Set<string>();
  readonly #closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly world: World,
    readonly mirror: ScriptedMirror,
    readonly proxy: FaultProxy,
    readonly buildah: CountedBuildah,
  ) {}

  static async open(...branches: readonly string[]): Promise<ScriptedNights> {
    const world = await World.open("");
    const behind = `127.0.0.1:${await freePort()}`;
    const directory = world.path("state/registry");
    const closeRegistry = await openLocalRegistry({ host: behind, directory, note: () => {} });
    const proxy = await FaultProxy.open(world.registryHost, behind);
    await world.startMirror();
    const mirror = await ScriptedMirror.open(...branches);
    const nights = new ScriptedNights(world, mirror, proxy, await countBuilds(world.path("counted")));
    nights.#closers.push(
      () => world.close(),
      closeRegistry,
      () => proxy.close(),
      () => mirror.close(),
    );
    return nights;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
  }

  writeCatalog(catalog: ScriptedCatalog): Promise<void> {
    const { url, keys } = this.mirror;
    return this.world.writeCatalog(
      catalogText(catalog, { registry: this.world.registryHost, mirror: url, keys }),
    );
  }

  /** Removes all that runs keep on this machine for later ones. */
  async forget(): Promise<void> {
    for (const name of ["memory", "layouts", "upstream", "journals"]) {
      await rm(this.world.path(`state/${name}`), { recursive: true, force: true });
    }
  }

  /** Puts a package into a branch of the mirror. */
  put(branch: string, name: string, version: string, depends: readonly string[] = []): Promise<void> {
    this.ownPackages.add(name);
    return this.mirror.on(branch).put(name, version, { depends });
  }

  /** Puts a program such as `wren-2` there. */
  putBird(branch: string, name: string, version: string, needs: readonly string[], greeting?: string) {
    this.ownPackages.add(name);
    const contents = { depends: ["busybox-binsh", ...needs], program: bird(version, greeting) };
    return this.mirror.on(branch).put(name, version, contents);
  }

  /** Runs a command of this night; a rebuild unless told otherwise. */
  async run(command = "rebuild", ...args: readonly string[]): Promise<NightRun> {
    const { exitCode, stdout, stderr } = await tryRun(this.#words(command, args), { env: this.#env() });
    const document = stdout.startsWith("{") ? (JSON.parse(stdout) as Partial<Document>) : {};
    const outcomes = document.outcomes ?? [];
    const releasesOf = (isSo: (status: string) => boolean) =>
      [
        ...new Set(outcomes.filter(({ status }) => isSo(status)).map(({ target }) => releaseOf(target))),
      ].sort();
    return {
      exitCode,
      said: `${stdout}\n${stderr}`,
      published: releasesOf((status) => status === "done"),
      failed: releasesOf((status) => status !== "done"),
      builds: await this.buildah.taken(),
    };
  }

  /** A rebuild that is killed with -9 in the moment that a request to the registry comes. */
  async runKilled(isMoment: (method: string, url: string) => boolean): Promise<NightRun> {
    const [command = "", ...args] = this.#words("rebuild", ["--concurrency", "1"]);
    const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...this.#env() } });
    this.proxy.fault = ({ method = "", url = "" }) => {
      if (isMoment(method, url)) child.kill("SIGKILL");
      return undefined;
    };
    await once(child, "exit");
    this.proxy.fault = () => undefined;
    const said = child.signalCode ?? "it ended by itself";
    return { exitCode: null, said, published: [], failed: [], builds: await this.buildah.taken() };
  }

  /** Tag → digest, of some images: `wren:2-dev`. Without lists of what is attached to an image. */
  async tags(images: readonly string[]): Promise<Map<string, string>> {
    const { registry } = this.world;
    const found = new Map<string, string>();
    for (const image of images) {
      const tags = (await registry.listTags(`test/${image}`)).filter((tag) => !tag.startsWith("sha256-"));
      const digests = await Promise.all(tags.map((tag) => registry.headManifest(`test/${image}`, tag)));
      for (const [index, tag] of tags.entries()) found.set(`${image}:${tag}`, digests[index]?.digest ?? "");
    }
    return found;
  }

  /** The versions of all packages in what a tag such as `wren:2-dev` points at. */
  packages(target: string): Promise<Map<string, string>> {
    const [image = "", tag = ""] = target.split(":");
    return packagesIn(this.world.registry, `test/${image}`, tag);
  }

  #env(): Record<string, string> {
    const moment = new Date(FIRST_NIGHT + (this.night - 1) * DAY);
    return { PATH: this.buildah.path, ...environmentAt(moment) };
  }

  #words(command: string, args: readonly string[]): string[] {
    const engine = command === "rebuild" ? ["--engine", "buildah"] : [];
    return this.world.commandLine(command, "--json", "--profile", "catalog", ...engine, ...args);
  }
}

/** `wren:2-dev` → `wren:2` */
function releaseOf(target: string): string {
  return target.replace(/-dev$/, "");
}
