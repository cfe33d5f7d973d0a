import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Platform } from "../model/platform.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { makeFolder, writeWhole } from "../system/files/files.ts";
import { tryRun } from "../system/process/process.ts";
import { buildxFolder, parseNodes, parseOwnPlatforms, parsePlatforms } from "./buildx.ts";

/** How `docker buildx build` is told where to build. */
export interface BuildPlace {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Tells people something in a line. */
export type Note = (text: string) => void;

/** A machine that builds. */
interface Node {
  readonly name: string;
  readonly place: BuildPlace;
  /** Those of its programs; none where it cannot tell. */
  readonly platforms: readonly Platform[];
  /** Those of them that it is there for: others may be emulated, which takes many times as long. */
  readonly own: readonly Platform[];
  /** Builds that it has now, and has had in all. */
  running: number;
  begun: number;
}

/**
 * The machines of a builder. buildx itself gives every build of a platform to the first node that has the platform, and
 * where it does not know yet, boots them all and fails with any (docker/buildx, build/driver.go): of four alike, three
 * would idle. So each is made a builder of its own, in a folder of ours, and has those builds that it has room for.
 */
export class Farm {
  /** @param builder what its user calls it; undefined: the one in use, which buildx chooses a node of */
  private constructor(
    readonly builder: string | undefined,
    readonly nodes: Node[],
    /** The names of those that did not answer at the beginning. */
    readonly silent: readonly string[],
    readonly note: Note,
    readonly askEvery: number,
  ) {}

  /**
   * Asks every node of a builder whether it is there.
   * @param folder where what buildx must know of them is written, if there are several; it is the caller's to remove
   * @param note tells people of a node that went away in the middle
   * @param askEvery milliseconds between two questions to a node that builds
   * @throws UserError where none answers
   */
  static async open(
    builder: string | undefined,
    folder: () => Promise<string>,
    note: Note,
    askEvery = ASK_EVERY,
  ): Promise<Farm> {
    const file = builder === undefined ? undefined : join(buildxFolder(), "instances", builder);
    const nodes = parseNodes(file === undefined ? "" : await readFile(file, "utf8").catch(() => ""));
    if (nodes.length < 2) {
      const words = builder === undefined ? [] : ["--builder", builder];
      return new Farm(
        builder,
        [{ ...nodeOf(builder ?? "", words, {}), platforms: [], own: [] }],
        [],
        note,
        askEvery,
      );
    }
    const config = join(await folder(), "buildx");
    await makeFolder(join(config, "instances"));
    const asked = nodes.map(async (node, index) => {
      const own = `node${index}`;
      await writeWhole(join(config, "instances", own), node.fileFor(own));
      const one = nodeOf(node.name, ["--builder", own], { BUILDX_CONFIG: config });
      return { ...one, ...(await platformsOf(one.place)) };
    });
    const all = await Promise.all(asked);
    const there = all.flatMap(({ platforms, own, ...one }) =>
      platforms && own ? [{ ...one, platforms, own }] : [],
    );
    const silent = all.filter(({ platforms }) => !platforms).map(({ name }) => name);
    if (there.length > 0) return new Farm(builder, there, silent, note, askEvery);
    throw new UserError(
      `no node of the builder ${builder} answers: ${silent.join(", ")}`,
      `see what it says: docker buildx inspect --bootstrap ${builder}`,
    );
  }

  /** How it is shown to people: empty for the builder in use. */
  get title(): string {
    if (this.builder === undefined) return "";
    const count = this.nodes.length + this.silent.length;
    if (count === 1) return `builder ${this.builder}`;
    const silent = this.silent.length === 0 ? "" : `, without ${this.silent.join(", ")}: no answer`;
    return `builder ${this.builder} with ${this.nodes.length} of ${count} nodes${silent}`;
  }

  /**
   * Builds on the node that has the least to do, of those that are there for the platform, else of those that have it. If
   * that goes away meanwhile, it gets no more builds, and this one is begun anew on another.
   * @param build is called again for that: it must not mind what an earlier call left. Its signal is the caller's, or
   *   says that its node is silent: where a machine has lost its network, buildx waits for it without an end
   * @throws what `build` throws; Error where no node is left
   */
  async on<T>(
    { platform, signal }: { readonly platform: Platform; readonly signal?: AbortSignal | undefined },
    build: (place: BuildPlace, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const node = this.#choose(platform);
      const isOurs = node.place.env.BUILDX_CONFIG !== undefined;
      // A daemon of this machine that is silent has ended, and buildx hears of that.
      const isNamed = this.builder !== undefined;
      const watch = isNamed ? watchNode(node.place, this.askEvery, signal) : undefined;
      node.running += 1;
      node.begun += 1;
      try {
        return await build(node.place, watch?.signal ?? signal);
      } catch (error) {
        const isSilent = watch?.isSilent() ?? false;
        if (!isOurs || signal?.aborted || (!isSilent && (await platformsOf(node.place)))) throw error;
        this.#forget(node, error);
      } finally {
        watch?.end();
        node.running -= 1;
      }
    }
  }

  #choose(platform: Platform): Node {
    const own = this.nodes.filter((node) => node.own.includes(platform));
    const able = this.nodes.filter(({ platforms }) => platforms.includes(platform));
    const fitting = [own, able, this.nodes].find(({ length }) => length > 0) ?? [];
    const [first] = fitting.toSorted((one, other) => one.running - other.running || one.begun - other.begun);
    if (first) return first;
    throw new Error(`no node of the builder ${this.builder} answers any more`);
  }

  /** Of the builds that a node had, each comes here. @param error what became of one of them */
  #forget(node: Node, error: unknown): void {
    const index = this.nodes.indexOf(node);
    if (index >= 0) {
      this.nodes.splice(index, 1);
      const what = `the node ${node.name} of the builder ${this.builder} answers no more`;
      this.note(`${what}: the others build what it had, and it gets no more builds`);
    }
    if (this.nodes.length > 0) return;
    const what = `no node of the builder ${this.builder} answers any more`;
    throw new Error(`${what}\n${messageOf(error)}`, { cause: error });
  }
}

/** Milliseconds. buildx itself gives a node twenty seconds for an answer. */
const ASK_EVERY = 20_000;

/**
 * Asks a node that builds whether it is still there, again and again.
 * @returns a signal that is aborted with the caller's, or when the node has answered twice in a row no more
 */
function watchNode(place: BuildPlace, every: number, caller: AbortSignal | undefined) {
  const silent = new AbortController();
  const over = new AbortController();
  const watch = async () => {
    for (let missed = 0; missed < 2; ) {
      await sleep(every, undefined, { signal: over.signal, ref: false });
      missed = (await platformsOf(place, over.signal)) ? 0 : missed + 1;
    }
    silent.abort(new Error("the machine that built it has not answered for a while"));
  };
  // It ends by being told that it is over.
  watch().catch(() => {});
  return {
    signal: caller ? AbortSignal.any([caller, silent.signal]) : silent.signal,
    isSilent: () => silent.signal.aborted,
    end: () => over.abort(),
  };
}

function nodeOf(name: string, words: readonly string[], env: BuildPlace["env"]) {
  return { name, place: { words, env }, running: 0, begun: 0 };
}

/** @returns undefined where the node does not answer */
async function platformsOf(
  { words, env }: BuildPlace,
  signal?: AbortSignal,
): Promise<Pick<Node, "platforms" | "own"> | undefined> {
  const { exitCode, stdout } = await tryRun(
    ["docker", "buildx", "inspect", "--bootstrap", ...words.slice(1)],
    { env, signal },
  );
  return exitCode === 0 ? { platforms: parsePlatforms(stdout), own: parseOwnPlatforms(stdout) } : undefined;
}
