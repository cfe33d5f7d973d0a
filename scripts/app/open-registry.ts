import { join, resolve } from "node:path";
import { waitForOthers } from "../publish/lock.ts";
import type { Registry } from "../registry/client.ts";
import { openLocalRegistry } from "../registry/local.ts";
import { openRegistry } from "../registry/open.ts";
import { type Namespace, parseNamespace } from "../registry/reference.ts";
import type { Cleanup } from "../system/ending.ts";
import { lateSignal } from "../system/ending.ts";
import { systemClock } from "../system/environment.ts";
import { ensureTools } from "../system/process/tools.ts";
import { isGone } from "../system/state/identity.ts";
import { isOurs, lockRepository } from "./lock-owner.ts";
import type { OpenedCatalog } from "./open-catalog.ts";

/** How long the registry is still asked after a signal: to release the lock, and to finish tags that are being moved. */
const GRACE_MS = 5_000;

/** The registry that a command reads and publishes to. */
export interface OpenedRegistry {
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** `HOST:PORT` of a registry that was started for this command and had no images then. */
  readonly newRegistry: string | undefined;
}

interface RegistryOpening {
  /** Birdhouse's state directory, where a registry that is started here keeps its data. */
  readonly state: string;
  readonly cleanup: Cleanup;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Opens the catalog's registry. One on loopback that does not run is started, and stopped at the end, once nobody else
 * publishes to it.
 * @throws UserError
 */
export async function openRegistryOf(
  { catalog, profile }: Pick<OpenedCatalog, "catalog" | "profile">,
  { state, cleanup, note, signal }: RegistryOpening,
): Promise<OpenedRegistry> {
  const namespace = parseNamespace(catalog.registry);
  const registry = await openRegistry(namespace.registry, catalog.ecr, lateSignal(signal, GRACE_MS));
  const lock = { registry, repository: lockRepository(namespace), clock: systemClock, isGone, signal };
  let isNew = false;
  const close = await openLocalRegistry({
    host: namespace.registry,
    directory: join(resolve(state), "registry"),
    onEmpty: () => {
      isNew = true;
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
  return { registry, namespace, newRegistry: isNew ? namespace.registry : undefined };
}
