import { join, resolve } from "node:path";
import { isDockerUsable, openEngine, requireRights } from "../engine/choose.ts";
import type { Engine } from "../engine/engine.ts";
import { type Runnable, runnablePlatforms } from "../engine/runnable.ts";
import { PLATFORMS, type Platform } from "../model/platform.ts";
import { repositoriesOf } from "../model/repositories.ts";
import type { Catalog } from "../model/target.ts";
import type { Listener } from "../pipeline/events.ts";
import { waitForOthers } from "../publish/wait.ts";
import type { Registry } from "../registry/client.ts";
import { openLocalRegistry } from "../registry/local.ts";
import { openRegistry } from "../registry/open.ts";
import { type Namespace, parseNamespace } from "../registry/reference.ts";
import { eventWithoutSecrets, openProgress, silentProgress } from "../report/progress.ts";
import { Cleanup, lateSignal, onUncaught } from "../system/ending.ts";
import { systemClock } from "../system/environment.ts";
import { Interrupted, messageOf } from "../system/errors.ts";
import { ensureTools } from "../system/process/tools.ts";
import { isGone } from "../system/state/identity.ts";
import { abandonedIn, makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";
import { markStateDirectory } from "../system/state/state-directory.ts";
import { openUpstream } from "../upstream/open.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { isOurs, lockRepository } from "./lock-owner.ts";
import type { EngineOptions, SessionOptions } from "./options.ts";
import { imagesBeside, KEYS, layoutsOf } from "./paths.ts";
import { type ResolvedProfile, resolveProfile, SANDBOX_REGISTRY, sandboxCatalog } from "./profile.ts";
import { hashOf, rememberedCatalog } from "./remembered.ts";

/** What a command works with: the catalog, and the world it is in. */
export interface Session {
  /** As in its file: what `images/` is rendered from, whatever the profile. */
  readonly written: Catalog;
  /** With the sources and the registry of the profile and the options. */
  readonly catalog: Catalog;
  /** Of all that the catalog follows from; undefined where that is not known. */
  readonly identity: string | undefined;
  /** The file of the catalog, and the state directory, as given. */
  readonly options: Pick<SessionOptions, "catalog" | "state">;
  readonly profile: ResolvedProfile;
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** `HOST:PORT` of a registry that was started for this command and had no images then. */
  readonly newRegistry: string | undefined;
  /** Directories. */
  readonly images: string;
  readonly layouts: string;
  readonly scratch: string;
  readonly journals: string;
  readonly listener: Listener;
  /** Has somebody else listen as well, from now on. */
  listen(listener: Listener): void;
  /** The day that ends of life are judged by. */
  readonly today: Date;
  /** Those that this run builds, where the user has said so. */
  readonly chosenPlatforms: readonly Platform[] | undefined;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** In the sandbox, serves its packages and base images until the session ends; elsewhere does nothing. */
  openMirror(): Promise<void>;
  /** Opens what tells what Alpine offers now: once for the session. */
  openUpstream(): Promise<Upstream>;
  /** Which platforms the engine can run, without opening it: asked once. Undefined where none is there. */
  runnable(): Promise<Runnable | undefined>;
  /** Opens what building needs and planning does not: the engine and, in the sandbox, its mirror. */
  openEngine(): Promise<Engine>;
}

/**
 * Opens the world for a command and closes it after, however the command ends: on an interruption too,
 * nothing stays running, mounted or half-written.
 */
export async function withSession<T>(
  options: SessionOptions & Partial<EngineOptions>,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const cleanup = new Cleanup();
  const progress = options.json ? silentProgress : openProgress(process.stderr);
  cleanup.add(() => progress.close());
  const interruption = interruptible(cleanup);
  try {
    const result = await use(await openSession(options, [progress.listener], interruption, cleanup));
    // Work that ends well does not unsay that something else went wrong meanwhile.
    if (interruption.aborted && !(interruption.reason instanceof Interrupted)) throw interruption.reason;
    return result;
  } finally {
    await cleanup.run();
  }
}

async function openSession(
  options: SessionOptions & Partial<EngineOptions>,
  listeners: Listener[],
  signal: AbortSignal,
  cleanup: Cleanup,
): Promise<Session> {
  const listener: Listener = (event) => {
    // Before anyone writes it down or shows it.
    const told = eventWithoutSecrets(event);
    for (const listen of listeners) listen(told);
  };
  await markStateDirectory(resolve(options.state));
  const { catalog: written, digest } = await rememberedCatalog(options.catalog, options.state);
  const profile = await resolveProfile(options.profile, written, options.registry);
  const catalog = await withOptions(written, profile, options);
  if (profile === "sandbox") listener({ type: "note", text: sandboxNote(options, written, catalog) });
  const state = resolve(options.state);
  const namespace = parseNamespace(catalog.registry);
  const note = (text: string) => listener({ type: "note", text });
  // The sandbox sets itself up; elsewhere the machine is its owner's business.
  const install = (...tools: string[]) => ensureTools(tools, { onProgress: note, signal });
  const registry = await openRegistry(namespace.registry, catalog.ecr, lateSignal(signal, GRACE_MS));
  let newRegistry: string | undefined;
  const lock = { registry, repository: lockRepository(namespace), clock: systemClock, isGone, signal };
  cleanup.add(
    await openLocalRegistry({
      host: namespace.registry,
      directory: join(state, "registry"),
      onEmpty: () => {
        newRegistry = namespace.registry;
      },
      ...{ note, signal, ...(profile === "sandbox" && { install }) },
      whenUnused: () =>
        waitForOthers(lock, isOurs, (owner) => note(`keeping the registry running for ${owner}`)),
    }),
  );

  const choice = options.engine ?? "auto";
  const prepareEngine = once(async () => {
    const wantsBuildah = choice === "buildah" || (choice === "auto" && !(await isDockerUsable()));
    if (profile === "sandbox" && wantsBuildah) await install("buildah");
    if (profile === "sandbox" && choice === "podman") await install("podman", "runc");
    await requireRights(choice, options.builder);
  });
  // What a plan and the making of a mirror would be in vain for is told before them.
  if (isForEngine(options)) await prepareEngine();

  let mirrorIsOpen = false;
  const upstream = once(() =>
    openUpstream({
      sources: { keys: profile === "sandbox" ? join(state, "sandbox/keys") : KEYS, ...catalog.sources },
      cache: join(state, "upstream"),
      httpAuth: process.env.HTTP_AUTH,
      repositories: (branch) => repositoriesOf(catalog, branch),
      ...{ note, signal },
    }),
  );
  const session: Session = {
    written,
    catalog,
    identity: digest && identityOf(digest, profile, options),
    options,
    profile,
    registry,
    namespace,
    newRegistry,
    images: imagesBeside(options.catalog),
    layouts: layoutsOf(options.catalog, state),
    scratch: join(state, "scratch"),
    journals: join(state, "journals"),
    listener,
    listen: (added) => void listeners.push(added),
    today: new Date(),
    chosenPlatforms: options.platform,
    signal,
    runnable: once(() =>
      runnablePlatforms({
        choice: options.engine ?? "auto",
        ...(options.builder !== undefined && { builder: options.builder }),
        installs: profile === "sandbox",
      }),
    ),
    async openMirror() {
      if (profile !== "sandbox" || mirrorIsOpen) return;
      mirrorIsOpen = true;
      const { mirrorPort } = options;
      // The sandbox is a world of its own, which nobody else need load.
      const { openMirror } = await import("../../sandbox/index.ts");
      cleanup.add(await openMirror({ state, registry: namespace.registry, mirrorPort, note, signal }));
    },
    async openUpstream() {
      await session.openMirror();
      return upstream();
    },
    async openEngine() {
      await session.openMirror();
      await prepareEngine();
      const stores = join(state, "engine");
      for (const abandoned of await abandonedIn(stores)) await removeAbandoned(abandoned, note);
      cleanup.add(await markRunActive(stores));
      const engine = await openEngine(choice, stores, options.builder);
      cleanup.add(() => engine.close());
      listener({ type: "engine", title: engine.title });
      return engine;
    },
  };
  return session;
}

/**
 * Marks that a run is in progress, whatever its engine: cleaning looks for it.
 * @returns removes the mark
 */
async function markRunActive(directory: string): Promise<() => Promise<void>> {
  const mark = await makeRunFolder(directory);
  return () => removeRunFolder(mark);
}

/** What a run that was killed has left behind; where it cannot be removed it is in nobody's way. */
async function removeAbandoned(path: string, note: (text: string) => void): Promise<void> {
  await removeRunFolder(path).catch((error: unknown) => {
    note(`cannot remove ${path}, which a run that was killed has left behind: ${messageOf(error)}`);
  });
}

/** Makes something when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Whether a command will open an engine: those that are told how many builds may run at a time, but for a dry run. */
function isForEngine(options: Partial<EngineOptions> & { readonly dryRun?: boolean }): boolean {
  return options.concurrency !== undefined && options.dryRun !== true;
}

/** All that `withOptions` makes the catalog of. */
function identityOf(
  digest: string,
  profile: ResolvedProfile,
  options: SessionOptions & Partial<EngineOptions>,
): string {
  const { registry, mirrorPort, platform, policy, since, engine = "auto", builder } = options;
  const words = { registry, mirrorPort, platform, policy, since, engine, builder };
  return hashOf([digest, profile, JSON.stringify(words)]);
}

async function withOptions(
  catalog: Catalog,
  profile: ResolvedProfile,
  options: SessionOptions & Partial<EngineOptions>,
): Promise<Catalog> {
  const sourced =
    profile === "sandbox"
      ? await sandboxCatalog(catalog, options.registry ?? SANDBOX_REGISTRY, options.mirrorPort)
      : { ...catalog, registry: options.registry ?? catalog.registry };
  const { platform, policy, since } = options;
  const targets = sourced.targets.map((target) => ({
    ...target,
    // What is not among them is not built, and not forgotten either: a tag that has it keeps it.
    ...(platform && {
      platforms: PLATFORMS.filter((one) => platform.includes(one) || target.platforms.includes(one)),
    }),
    policy: {
      ...target.policy,
      ...(policy && { for: policy }),
      ...(since !== undefined && { notWithin: since }),
    },
  }));
  return { ...sourced, targets };
}

function sandboxNote({ profile }: SessionOptions, written: Catalog, { registry }: Catalog): string {
  const why =
    profile === "auto" ? "Alpine's mirror cannot be reached, so this is the sandbox" : "This is the sandbox";
  // What reads or moves tags there finds nothing of the catalog's own.
  const place = registry === written.registry ? "" : ` They are at ${registry}, not at ${written.registry}.`;
  return `${why}: packages made from Debian's, real programs, but not Alpine. Its images are for trying out.${place}`;
}

/** How long the registry is still asked after a signal: for giving back the lock, and for tags that are on their way. */
const GRACE_MS = 5_000;

/** How long after a first signal another one counts as the same: npm and make hand on what they get. */
const ECHO_MS = 1000;

/**
 * Ctrl-C, SIGTERM and a closed terminal end the work in order; another one after a while ends it at once. So does an
 * error that nobody waits for.
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
