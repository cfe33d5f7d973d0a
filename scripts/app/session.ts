import { join, resolve } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { openPods, type Pods } from "../engine/pods/pods.ts";
import { type Runnable, runnablePlatforms } from "../engine/runnable.ts";
import type { Platform } from "../model/platform.ts";
import type { Listener } from "../pipeline/events.ts";
import { eventWithoutSecrets, notesAlone, openProgress } from "../report/progress.ts";
import { Cleanup, onUncaught } from "../system/ending.ts";
import { Interrupted, UserError } from "../system/errors.ts";
import { once } from "../system/once.ts";
import { markStateDirectory } from "../system/state/state-directory.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { type OpenedCatalog, openCatalog } from "./open-catalog.ts";
import {
  type OpenedRegistry,
  openEngineOf,
  openRegistryOf,
  openSandboxMirror,
  openUpstreamOf,
  prepareEngine,
} from "./open-parts.ts";
import type { DryRunOption, EngineOptions, SessionOptions } from "./options.ts";
import { imagesBeside, layoutsOf } from "./paths.ts";

/** What a command has: those that do its work name the few parts that they need. */
export interface Session extends OpenedCatalog, OpenedRegistry {
  /** The directories that it works in. */
  readonly images: string;
  readonly layouts: string;
  readonly scratch: string;
  readonly journals: string;
  /** The file of the catalog, and the state directory, as given. */
  readonly options: Pick<SessionOptions, "catalog" | "state">;
  readonly listener: Listener;
  /** Adds a listener, from now on. */
  listen(listener: Listener): void;
  /** The day that ends of life are judged by. */
  readonly today: Date;
  /** The platforms that this run builds, where the user named some. */
  readonly chosenPlatforms: readonly Platform[] | undefined;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** In the sandbox, serves its packages and base images until the session ends; elsewhere does nothing. */
  openMirror(): Promise<void>;
  /** Opens Alpine's mirror, once for the session: it tells what Alpine offers now. */
  openUpstream(): Promise<Upstream>;
  /** Which platforms the engine can run, without opening it: asked once. Undefined where there is no engine. */
  runnable(): Promise<Runnable | undefined>;
  /** Opens what building needs and planning does not: the engine and, in the sandbox, its mirror. */
  openEngine(use: { readonly tests: boolean }): Promise<Engine>;
  /** The Pods that smoke tests run in, where the user wants that; asked once. */
  openPods(): Promise<Pods | undefined>;
}

type OpenOptions = SessionOptions & Partial<EngineOptions & DryRunOption>;

/**
 * Opens a session for a command and closes it after, however the command ends: on an interruption too, nothing stays
 * running, mounted or half-written.
 */
export async function withSession<T>(
  options: OpenOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const cleanup = new Cleanup();
  const progress = options.json ? notesAlone(process.stderr) : openProgress(process.stderr);
  cleanup.add(() => progress.close());
  const interruption = interruptible(cleanup);
  try {
    const result = await use(await openSession(options, [progress.listener], interruption, cleanup));
    // The work may end well though something else went wrong meanwhile: that is an error, too.
    if (interruption.aborted && !(interruption.reason instanceof Interrupted)) throw interruption.reason;
    return result;
  } finally {
    await cleanup.run();
  }
}

async function openSession(
  options: OpenOptions,
  listeners: Listener[],
  signal: AbortSignal,
  cleanup: Cleanup,
): Promise<Session> {
  const listener: Listener = (event) => {
    // Secrets are removed before anyone writes the event down or shows it.
    const told = eventWithoutSecrets(event);
    for (const listen of listeners) listen(told);
  };
  const { builder, mirrorPort, smokePods } = options;
  requirePodsFor(options);
  const state = resolve(options.state);
  await markStateDirectory(state);
  const opened = await openCatalog(options);
  const isSandbox = opened.profile === "sandbox";
  if (isSandbox) listener({ type: "note", text: sandboxNote(options, opened) });
  const opening = { state, cleanup, note: (text: string) => listener({ type: "note", text }), signal };
  const registry = await openRegistryOf(opened, opening);
  const choice = {
    choice: options.engine ?? "auto",
    ...(builder !== undefined && { builder }),
    installs: isSandbox,
  };
  const prepare = once(() => prepareEngine(choice, opening));
  // Commands with --concurrency open an engine, but not in a dry run. What would make them fail is found before minutes
  // are spent on a mirror and a plan.
  const pods = once(async () => (smokePods === undefined ? undefined : openPods(smokePods)));
  if (options.concurrency !== undefined && options.dryRun !== true) {
    await prepare();
    await pods();
  }
  const openMirror = once(async () => {
    if (isSandbox) await openSandboxMirror(registry.namespace.registry, mirrorPort, opening);
  });
  const upstream = once(() => openUpstreamOf(opened, opening));
  return {
    ...opened,
    ...registry,
    options,
    images: imagesBeside(options.catalog),
    layouts: layoutsOf(options.catalog, state),
    scratch: join(state, "scratch"),
    journals: join(state, "journals"),
    listener,
    listen: (added) => void listeners.push(added),
    today: new Date(),
    chosenPlatforms: options.platform,
    signal,
    runnable: once(() => runnablePlatforms(choice)),
    openMirror,
    async openUpstream() {
      await openMirror();
      return upstream();
    },
    async openEngine({ tests }) {
      await openMirror();
      await prepare();
      const engine = await openEngineOf({ ...choice, runs: tests && smokePods === undefined }, opening);
      listener({ type: "engine", title: engine.title });
      return engine;
    },
    openPods: pods,
  };
}

function sandboxNote({ profile }: SessionOptions, { written, catalog }: OpenedCatalog): string {
  const why =
    profile === "auto" ? "Alpine's mirror cannot be reached, so this is the sandbox" : "This is the sandbox";
  const { registry } = catalog;
  // Nobody should look for these images at the catalog's own registry.
  const place =
    registry === written.registry ? "" : ` They are published to ${registry}, not to ${written.registry}.`;
  return `${why}: packages made from Debian's, real programs, but not Alpine. Its images are for trying out.${place}`;
}

/** How long after a first signal another one counts as the same: npm and make pass on what they get. */
const ECHO_MS = 1000;

/**
 * A first Ctrl-C, SIGTERM or closed terminal ends the work in order, as an error that nobody waits for does; a second
 * signal ends it at once.
 */
function interruptible(cleanup: Cleanup): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  const interrupt = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      since = performance.now();
      controller.abort(new Interrupted(name));
    } else if (performance.now() - since > ECHO_MS) {
      process.exit(130);
    }
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, interrupt);
    cleanup.add(() => void process.off(name, interrupt));
  }
  cleanup.add(onUncaught((error) => controller.abort(error)));
  return controller.signal;
}

/** @throws UserError where it is said on which platforms Pods are to be, and not where these are */
function requirePodsFor({
  smokePods,
  smokePlatforms,
}: Pick<OpenOptions, "smokePods" | "smokePlatforms">): void {
  if (smokePlatforms === undefined || smokePods !== undefined) return;
  throw new UserError(
    "--smoke-platforms, or SMOKE_PLATFORMS, says on which platforms Pods test, but nothing says where these Pods are",
    "name their namespace with --smoke-pods, or leave the platforms out: an engine tests those of this machine",
  );
}
