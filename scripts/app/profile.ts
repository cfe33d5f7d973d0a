import type { Catalog } from "../model/target.ts";
import { isLoopback, parseNamespace, registryUrl } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import { ask } from "../system/http/http.ts";
import type { Profile } from "./options.ts";

/** Where the sandbox publishes unless told otherwise. It never takes the catalog's registry. */
export const SANDBOX_REGISTRY = "127.0.0.1:5000/birdhouse";

/** Budgets are made for Alpine. Debian's packages, built on glibc, weigh up to so many times as much. */
const SANDBOX_WEIGHT = 3;

/** A profile once `auto` has been decided. */
export type ResolvedProfile = Exclude<Profile, "auto">;

/** How long the mirror has to answer before it counts as not to be reached. */
const PATIENCE_MS = 4000;

/**
 * `auto` becomes one of the others: the sandbox only where the catalog's package mirror cannot be reached and images
 * are published to this machine anyway. Where they go elsewhere the sandbox could never stand in: what needs the mirror
 * says that it is away, and what needs none, such as a rollback, does what it was asked.
 *
 * @param registry `HOST[:PORT]/NAMESPACE` where the option names one, instead of the catalog's
 */
export async function resolveProfile(
  profile: Profile,
  catalog: Catalog,
  registry = catalog.registry,
): Promise<ResolvedProfile> {
  if (profile !== "auto") return profile;
  if (!isLoopback(registryUrl(parseNamespace(registry).registry))) return "catalog";
  return (await isReachable(mirrorProbe(catalog))) ? "catalog" : "sandbox";
}

/** The catalog with the sandbox's sources, and a registry on this machine. @throws UserError on another's */
export async function sandboxCatalog(
  catalog: Catalog,
  registry: string,
  mirrorPort: number,
): Promise<Catalog> {
  const { registry: host } = parseNamespace(registry);
  if (registryUrl(host).protocol !== "http:") {
    throw new UserError(
      `the sandbox publishes to this machine only, not to ${host}: its images are for trying out`,
      "leave out --registry, or give one on 127.0.0.1",
    );
  }
  // Nobody else need load the sandbox.
  const { EXAMPLE_NEEDS, mayLack } = await import("../../sandbox/index.ts");
  const sources = {
    base: `${host}/sandbox/alpine`,
    packages: `http://127.0.0.1:${mirrorPort}`,
    mayLack,
  };
  const targets = catalog.targets.map(({ budget, example, ...target }) => ({
    ...target,
    ...(budget !== undefined && { budget: budget * SANDBOX_WEIGHT }),
    ...(example && !EXAMPLE_NEEDS.has(target.image) && { example }),
  }));
  return { ...catalog, registry, sources, targets };
}

/** A file that every package mirror has: the index of a branch that the catalog builds on. */
function mirrorProbe({ sources, targets }: Catalog): string {
  return `${sources.packages}/v${targets[0]?.branch ?? "3.22"}/main/x86_64/APKINDEX.tar.gz`;
}

async function isReachable(url: string): Promise<boolean> {
  try {
    const { status } = await ask(new URL(url), { method: "HEAD", signal: AbortSignal.timeout(PATIENCE_MS) });
    // One that asks who we are is there.
    return (status >= 200 && status < 300) || status === 401;
  } catch {
    return false;
  }
}
