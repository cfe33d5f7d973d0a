import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMirror } from "../../../sandbox/index.ts";
import { loadSigningKey } from "../../../sandbox/mirror/signing-key.ts";
import { imagesBeside } from "../../../scripts/app/paths.ts";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { apkArchitecture, hostPlatform } from "../../../scripts/model/platform.ts";
import { tagsOf } from "../../../scripts/model/tags.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../../scripts/registry/local.ts";
import type { Cleanup } from "../../../scripts/system/ending.ts";
import { freePort, PROJECT_STATE } from "../../support/world.ts";
import { type Service, startService } from "../service.ts";
import { type BuildLoop, type BuildTarget, openBuildLoop } from "./build-all.ts";
import { appCatalog } from "./catalog.ts";
import { BEFORE, type MovingMirror, writeRepository } from "./packages.ts";

/** A catalog of tiny images, with all that it takes to build and publish them in several ways. */
export interface Workshop {
  /** Path of the catalog file. */
  readonly catalog: string;
  readonly state: string;
  readonly targets: readonly BuildTarget[];
  readonly mirror: MovingMirror;
  /** What has been sent to the registry, in bytes. */
  readonly meter: Service;
  readonly registry: Registry;
  readonly loop: BuildLoop;
}

/**
 * Opens a workshop in the sandbox, which is made first where it is not.
 * @param versions of the app, two targets each
 * @param concurrency builds of the loop at once
 */
export async function openWorkshop(
  versions: number,
  concurrency: number,
  cleanup: Cleanup,
  note: (text: string) => void,
): Promise<Workshop> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-move-"));
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  const meter = await openRegistry(join(directory, "registry"), cleanup);
  // The sandbox's packages and base images; what it serves itself is of no use here.
  const mirrorPort = await freePort();
  const close = await openMirror({ state: PROJECT_STATE, registry: meter.host, mirrorPort, note });
  cleanup.add(close);
  const keys = join(PROJECT_STATE, "sandbox/keys");
  const mirror: MovingMirror = {
    sandbox: join(PROJECT_STATE, "sandbox/mirror"),
    directory: join(directory, "mirror"),
    architecture: apkArchitecture(hostPlatform()),
    key: await loadSigningKey(keys),
    versions,
  };
  await writeRepository(mirror, BEFORE);
  const served = await startService("mirror.ts", [mirror.directory, mirror.sandbox], cleanup);
  const catalog = join(directory, "catalog.yaml");
  const places = { registry: meter.host, mirror: `http://${served.host}`, keys, platform: hostPlatform() };
  await writeFile(catalog, appCatalog(versions, places));
  const loop = await openBuildLoop(imagesBeside(catalog), meter.host, concurrency, cleanup);
  const state = join(directory, "state");
  const registry = new Registry(meter.host);
  return { catalog, state, targets: await targetsOf(catalog), mirror, meter, registry, loop };
}

/** A registry, and before it what counts the bytes that it is sent. */
async function openRegistry(directory: string, cleanup: Cleanup): Promise<Service> {
  const port = await freePort();
  cleanup.add(await openLocalRegistry({ host: `127.0.0.1:${port}`, directory, note: () => {} }));
  return await startService("meter.ts", [String(port)], cleanup);
}

async function targetsOf(catalog: string): Promise<BuildTarget[]> {
  const { targets } = await loadCatalog(catalog);
  return targets.map((target) => ({ target, tags: tagsOf(target, `${target.version}.0.0`, targets) }));
}
