import { readCatalogFile } from "../catalog/text/file.ts";
import type { Catalog, Target } from "../model/target.ts";
import { isLoopback, parseNamespace, registryUrl } from "../registry/reference.ts";
import { BUILD, PACKAGED } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";
import { ask } from "../system/http/http.ts";
import { hashOf, keep, recall } from "../system/memory.ts";
import type { EngineOptions, Profile, SessionOptions } from "./options.ts";
import { memoryOf } from "./paths.ts";

/** A profile once `auto` has been decided. */
export type ResolvedProfile = Exclude<Profile, "auto">;

/** The catalog that a command works with. */
export interface OpenedCatalog {
  /** As in its file: what `images/` is rendered from, whatever the profile. */
  readonly written: Catalog;
  /** With the sources and the registry of the profile and the options. */
  readonly catalog: Catalog;
  /** Digest of all that the catalog follows from; undefined where that is not known. */
  readonly identity: string | undefined;
  readonly profile: ResolvedProfile;
}

/**
 * Reads the catalog, decides on the profile, and applies both the profile and the options to the catalog.
 * @throws CatalogError, UserError
 */
export async function openCatalog(options: SessionOptions & Partial<EngineOptions>): Promise<OpenedCatalog> {
  const { catalog: written, digest } = await rememberedCatalog(options.catalog, options.state);
  const profile = await resolveProfile(options.profile, written, options.registry);
  const catalog = withOptions(await withProfile(written, profile, options), options);
  const { registry, mirrorPort, platform, policy, since, engine = "auto", builder } = options;
  const words = JSON.stringify({ registry, mirrorPort, platform, policy, since, engine, builder });
  return { written, catalog, identity: digest && hashOf([digest, profile, words]), profile };
}

/**
 * Reads a catalog, or recalls it from the last time its text was the same: checking a thousand targets takes longer
 * than asking whether they are published. A catalog that extends another, or takes something from other files, is
 * always read; but what an installed Birdhouse comes with changes only with it.
 * @returns the catalog, and a digest of all that it follows from; undefined where that is not known
 * @throws as `loadCatalog`
 */
async function rememberedCatalog(
  file: string,
  state: string,
): Promise<{ readonly catalog: Catalog; readonly digest: string | undefined }> {
  const text = BUILD === undefined ? undefined : await readCatalogFile(file);
  if (text === undefined || !(plainlyExtendsNothing(text) || extendsOurs(text))) {
    const { loadCatalog } = await import("../catalog/load.ts");
    return { catalog: await loadCatalog(file), digest: undefined };
  }
  const digest = hashOf([BUILD ?? "", file, text]);
  const memory = memoryOf(file, state, "catalog");
  // Only this very build of Birdhouse writes under this key, so the value has this type.
  const known = (await recall(memory, digest)) as Catalog | undefined;
  if (known) return { catalog: known, digest };
  // The code that checks a catalog is loaded only here: on most nights the catalog is unchanged.
  const { loadCatalog } = await import("../catalog/load.ts");
  const catalog = await loadCatalog(file, text);
  if (readsOtherFiles(catalog)) return { catalog, digest: undefined };
  await keep(memory, digest, catalog);
  return { catalog, digest };
}

/**
 * Whether a text is plainly that of a catalog which extends no other. Its images may extend one another: that is further
 * in, below keys which stand at the beginning of their lines. Whatever is written in another way may be anything.
 */
export function plainlyExtendsNothing(text: string): boolean {
  const lines = text.split("\n").filter((line) => !/^\s*(?:#|$)/.test(line));
  if (!lines.some((line) => /^images:/.test(line)) || lines.some((line) => /^[^\w\s]/.test(line)))
    return false;
  return lines.every((line) => !line.includes("extends") || /^ +extends:/.test(line));
}

/** Whether a text plainly says that it extends the catalog that an installed Birdhouse comes with. */
function extendsOurs(text: string): boolean {
  const [first, ...more] = text.match(/^["']?extends\b.*$/gm) ?? [];
  return PACKAGED && more.length === 0 && /^extends: birdhouse\s*(?:#.*)?$/.test(first ?? "");
}

/** Whether a catalog may have taken something from other files, which may be edited while it stays as it is. */
function readsOtherFiles({ certificates = [], repositories = [], targets }: Catalog): boolean {
  if (certificates.length + repositories.length > 0) return true;
  return targets.some(({ files }) => Object.values(files).some(({ isRead }) => isRead));
}

function withOptions(catalog: Catalog, { policy, since }: Partial<EngineOptions>): Catalog {
  const changes = { ...(policy && { for: policy }), ...(since !== undefined && { notWithin: since }) };
  const targets = catalog.targets.map((one) => ({ ...one, policy: { ...one.policy, ...changes } }));
  return { ...catalog, targets };
}

/** Where the sandbox publishes unless told otherwise. It never takes the catalog's registry. */
const SANDBOX_REGISTRY = "127.0.0.1:5000/birdhouse";

/** Budgets are made for Alpine. Debian's packages, built on glibc, are up to this many times as large. */
const SANDBOX_WEIGHT = 3;

/** Of dev images: the sandbox's base image has an apk that is a program of Node.js, which it brings along. In bytes. */
const SANDBOX_TOOLS = 40e6;

/** How long the mirror has to answer before it counts as unreachable. */
const PATIENCE_MS = 4000;

/**
 * Decides what `auto` means: the sandbox, where the catalog's package mirror cannot be reached and images are published
 * to this machine anyway. Images for another registry are never made in the sandbox: commands that need the mirror say
 * that it cannot be reached, and those that do not, such as a rollback, work.
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
  return (await isMirrorReachable(catalog)) ? "catalog" : "sandbox";
}

/**
 * The catalog with the registry of the option, and in the sandbox with the sandbox's sources.
 * @throws UserError where the sandbox is to publish to another machine
 */
export async function withProfile(
  catalog: Catalog,
  profile: ResolvedProfile,
  options: Pick<SessionOptions, "registry" | "mirrorPort">,
): Promise<Catalog> {
  if (profile !== "sandbox") return { ...catalog, registry: options.registry ?? catalog.registry };
  const { registry = SANDBOX_REGISTRY, mirrorPort } = options;
  const { registry: host } = parseNamespace(registry);
  if (registryUrl(host).protocol !== "http:") {
    throw new UserError(
      `the sandbox publishes to this machine only, not to ${host}: its images are for trying out`,
      "leave out --registry, or give one on 127.0.0.1",
    );
  }
  // Loaded only here: most runs never need the sandbox.
  const { EXAMPLE_NEEDS, mayLack } = await import("../../sandbox/index.ts");
  const packages = `http://127.0.0.1:${mirrorPort}`;
  const sources = { base: `${host}/sandbox/alpine`, packages, mayLack };
  const targets = catalog.targets.map(({ budget, example, ...target }) => ({
    ...target,
    ...(budget !== undefined && { budget: budgetThere(budget, target.variant) }),
    ...(example && !EXAMPLE_NEEDS.has(target.image) && { example }),
  }));
  return { ...catalog, registry, sources, targets };
}

function budgetThere(budget: number, variant: Target["variant"]): number {
  return budget * SANDBOX_WEIGHT + (variant === "dev" ? SANDBOX_TOOLS : 0);
}

/** Asks for a file that every package mirror has: the index of a branch that the catalog builds on. */
async function isMirrorReachable({ sources, targets }: Catalog): Promise<boolean> {
  const url = `${sources.packages}/v${targets[0]?.branch ?? "3.22"}/main/x86_64/APKINDEX.tar.gz`;
  try {
    const { status } = await ask(new URL(url), { method: "HEAD", signal: AbortSignal.timeout(PATIENCE_MS) });
    // A mirror that wants a login is there.
    return (status >= 200 && status < 300) || status === 401;
  } catch {
    return false;
  }
}
