import { join } from "node:path";
import { isDockerUsable, openEngine, requireRights } from "../engine/choose.ts";
import type { Engine } from "../engine/engine.ts";
import type { EngineChoice } from "../engine/runnable.ts";
import { repositoriesOf } from "../model/repositories.ts";
import { waitForOthers } from "../publish/lock.ts";
import type { Registry } from "../registry/client.ts";
import { openLocalRegistry } from "../registry/local.ts";
import { openRegistry } from "../registry/open.ts";
import { type Namespace, parseNamespace } from "../registry/reference.ts";
import { type Cleanup, lateSignal } from "../system/ending.ts";
import { systemClock } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import { ensureTools } from "../system/process/tools.ts";
import { isGone } from "../system/state/identity.ts";
import { abandonedIn, makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";
import { openUpstream } from "../upstream/open.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { isOurs, lockRepository } from "./lock-owner.ts";
import type { OpenedCatalog } from "./open-catalog.ts";
import { KEYS } from "./paths.ts";

/** What each part of a session is opened with: the registry, Alpine's mirror or the sandbox's, and the engine. */
export interface Opening {
  /** Birdhouse's state directory, absolute. */
  readonly state: string;
  /** Closes what was opened, when the command ends. */
  readonly cleanup: Cleanup;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The registry that a command reads and publishes to. */
export interface OpenedRegistry {
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** `HOST:PORT` of a registry that was started for this command and had no images then. */
  readonly newRegistry: string | undefined;
}

/** How long the registry is still asked after a signal: to release the lock, and to finish tags that are being moved. */
const GRACE_MS = 5_000;

/**
 * Opens the catalog's registry. One on loopback that does not run is started, and stopped at the end, once nobody else
 * publishes to it.
 * @throws UserError
 */
export async function openRegistryOf(
  { catalog, profile }: OpenedCatalog,
  { state, cleanup, note, signal }: Opening,
): Promise<OpenedRegistry> {
  const namespace = parseNamespace(catalog.registry);
  const host = namespace.registry;
  const registry = await openRegistry(host, catalog.ecr, lateSignal(signal, GRACE_MS));
  const lock = { registry, repository: lockRepository(namespace), clock: systemClock, isGone, signal };
  let newRegistry: string | undefined;
  const close = await openLocalRegistry({
    host,
    directory: join(state, "registry"),
    onEmpty: () => {
      newRegistry = host;
    },
    note,
    signal,
    // The sandbox sets itself up; elsewhere the machine is its owner's business.
    ...(profile === "sandbox" && {
      install: (program) => ensureTools([program], { onProgress: note, signal }),
    }),
    whenUnused: () =>
      waitForOthers(lock, isOurs, (owner) => note(`keeping the registry running for ${owner}`)),
  });
  cleanup.add(close);
  return { registry, namespace, newRegistry };
}

/** Opens what tells what Alpine offers now. @throws UserError where the keys or HTTP_AUTH are wrong */
export function openUpstreamOf({ catalog, profile }: OpenedCatalog, { state, signal }: Opening): Upstream {
  const keys = profile === "sandbox" ? join(state, "sandbox/keys") : KEYS;
  return openUpstream({
    sources: { ...catalog.sources, keys: catalog.sources.keys ?? keys },
    cache: join(state, "upstream"),
    httpAuth: process.env.HTTP_AUTH,
    repositories: (branch) => repositoriesOf(catalog, branch),
    ownRepositories: catalog.repositories,
    signal,
  });
}

/**
 * Serves the sandbox's packages and base images until the command ends.
 * @param registry `HOST[:PORT]` of a registry that runs: base images go there
 */
export async function openSandboxMirror(
  registry: string,
  mirrorPort: number,
  { cleanup, ...opening }: Opening,
): Promise<void> {
  // Loaded only here: most runs never need the sandbox.
  const { openMirror } = await import("../../sandbox/index.ts");
  cleanup.add(await openMirror({ ...opening, registry, mirrorPort }));
}

/**
 * Sees to it that this user can build here, without opening an engine: told before minutes of work, not after. In the
 * sandbox what is missing is installed.
 * @throws UserError that says what to do
 */
export async function prepareEngine(
  { choice, builder, installs }: EngineChoice,
  { note, signal }: Opening,
): Promise<void> {
  const wantsBuildah = choice === "buildah" || (choice === "auto" && !(await isDockerUsable()));
  const tools = wantsBuildah ? ["buildah"] : choice === "podman" ? ["podman", "runc"] : [];
  if (installs && tools.length > 0) await ensureTools(tools, { onProgress: note, signal });
  await requireRights(choice, builder);
}

/** Opens the engine, which is closed when the command ends; first removes what killed runs left of theirs. */
export async function openEngineOf(
  { choice, builder, runs }: EngineChoice,
  { state, cleanup, note }: Opening,
): Promise<Engine> {
  const stores = join(state, "engine");
  for (const abandoned of await abandonedIn(stores)) {
    await removeRunFolder(abandoned).catch((error: unknown) => {
      note(`cannot remove ${abandoned}, left behind by a run that was killed: ${messageOf(error)}`);
    });
  }
  // Marks that a run is in progress, whatever its engine: cleaning looks for it.
  const mark = await makeRunFolder(stores);
  cleanup.add(() => removeRunFolder(mark));
  const engine = await openEngine(choice, stores, { builder, runs, note });
  cleanup.add(() => engine.close());
  return engine;
}
