import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Variant } from "../../model/target.ts";
import { makeScratch, removeTree } from "../../system/files/files.ts";
import { type ProcessResult, run } from "../../system/process/process.ts";
import type { Container, RunOptions } from "../engine.ts";
import { commandResult } from "./kubectl.ts";
import { containerName, type Shape, withSurroundings } from "./manifest.ts";
import type { OpenedPod, OpenRequest } from "./pods.ts";

/** What the containers of one Pod have in common. */
export interface PodContainers {
  /** An image of the Pod, ready to run. @param user who it runs as where no other is asked for, as in a `Shape` */
  container(variant: Variant, user: string): Container;
}

/**
 * The images of a Pod, to be run as an engine runs them. What is mounted is copied into the Pod when it is first asked
 * for, and from then on is the Pod's: what dev makes there the others find, and this machine does not.
 * @param scratch a directory for the archive that files travel in
 */
export function containersOf(
  pod: OpenedPod,
  request: Pick<OpenRequest, "shapes" | "folders">,
  scratch: string,
): PodContainers {
  const copied = new Map<string, { source: string; done: Promise<void> }>();
  const bring = (source: string, target: string, signal: AbortSignal | undefined) => {
    if (!request.folders.includes(target)) throw new Error(`the Pod ${pod.name} has no folder ${target}`);
    const known = copied.get(target);
    if (known?.source === source) return known.done;
    if (known) throw new Error(`the folder ${target} of the Pod ${pod.name} holds other files already`);
    const done = copyInto(pod, writerOf(request.shapes), { source, target, scratch, signal });
    copied.set(target, { source, done });
    return done;
  };
  return {
    container: (variant, own) => ({
      async run(argv, options = {}) {
        for (const { source, target } of options.mounts ?? []) await bring(source, target, options.signal);
        const shape = { variant, user: options.user ?? own, isReadOnly: options.isReadOnly ?? false };
        return execute(pod, shapeIn(request.shapes, shape), argv, options);
      },
      // The Pod is removed as a whole.
      remove: async () => {},
    }),
  };
}

/** @throws Error where the Pod was made without a container of this shape: that is a mistake of ours */
function shapeIn(shapes: readonly Shape[], wanted: Shape): string {
  const name = containerName(wanted);
  if (shapes.some((one) => containerName(one) === name)) return name;
  throw new Error(`the Pod has no container ${name}`);
}

async function execute(
  pod: OpenedPod,
  container: string,
  argv: readonly string[],
  { workdir, env = {}, signal }: RunOptions,
): Promise<ProcessResult> {
  const words =
    workdir === undefined && Object.keys(env).length === 0
      ? argv
      : withSurroundings(argv, workdir ?? ".", env);
  return executeIn(pod, container, words, { signal });
}

/** How often a command is tried, where the way to the Pod fails and the Pod does not. */
const ATTEMPTS = 3;

/**
 * Runs a command, and again where nothing came of it though the Pod runs: a connection broke. What smoke tests run may run
 * twice.
 * @throws Error where nothing came of it, as the Pod is gone or the way to it stays so
 */
async function executeIn(
  pod: OpenedPod,
  container: string,
  argv: readonly string[],
  { input, signal }: { input?: Uint8Array; signal?: AbortSignal | undefined },
): Promise<ProcessResult> {
  const stdin = input ? ["--stdin"] : [];
  const words = ["exec", pod.name, "--container", container, ...stdin, "--", ...argv];
  for (let attempt = 1; ; attempt++) {
    const result = await pod.kubectl(words, { ...(input && { input }), ...(signal && { signal }) });
    const ended = commandResult(result);
    if (ended) return ended;
    const trouble = await pod.trouble();
    if (trouble === undefined && attempt < ATTEMPTS) {
      await sleep(pod.pause, undefined, signal && { signal });
      continue;
    }
    const why = trouble ?? result.output.trim();
    throw new Error(`a command in the Pod ${pod.name} came to no end of its own: ${why}`);
  }
}

/** The container that writes what the others read. */
function writerOf(shapes: readonly Shape[]): string {
  const dev = shapes.find(({ variant, isReadOnly }) => variant === "dev" && !isReadOnly);
  if (!dev) throw new Error("the Pod has no container that may write");
  return containerName(dev);
}

/** A folder of this machine, one of the Pod, and a directory for the archive between them. */
interface Copying {
  readonly source: string;
  readonly target: string;
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
}

/** Copies what is in the one folder into the other, as the user that dev runs as. */
async function copyInto(pod: OpenedPod, writer: string, copying: Copying): Promise<void> {
  const { source, target, scratch, signal } = copying;
  const names = await readdir(source);
  if (names.length === 0) return;
  const directory = await makeScratch(scratch, "pod-");
  try {
    const archive = join(directory, "files.tar");
    // By name, since the folder itself is none of that user's.
    await run(["tar", "-cf", archive, "-C", source, "--", ...names.sort()]);
    const unpack = ["tar", "-xf", "-", "-C", target];
    const { exitCode, output } = await executeIn(pod, writer, unpack, {
      input: await readFile(archive),
      signal,
    });
    if (exitCode !== 0) throw new Error(`files cannot be copied into the Pod ${pod.name}: ${output.trim()}`);
  } finally {
    await removeTree(directory);
  }
}
