import pLimit from "p-limit";
import { selectTargets } from "../catalog/targets/select.ts";
import { buildTag, tagsOf } from "../model/tags.ts";
import { type Catalog, eachOf, releasesOf, type Target } from "../model/target.ts";
import { describeHold, findHistory, historyIn, holdAt } from "../publish/history.ts";
import { readPublished } from "../publish/published.ts";
import { ABOUT_TO_WRITE } from "../registry/push.ts";
import { UserError } from "../system/errors.ts";
import { typed } from "../system/shown/started.ts";
import type { Carried } from "../transfer/carry.ts";
import { withPairs } from "../transfer/choose.ts";
import { chooseEdition, type Edition, type Left, type VariantState } from "../transfer/editions.ts";
import { REQUESTS_AT_ONCE, type RegistryPlace, readContents, tagOf } from "./read-registry.ts";
import { whileUndisturbed } from "./undisturbed.ts";

/** Between which registries, as they are named to people, what, and by which rule. */
export interface PromotionRequest {
  readonly from: string;
  readonly to: string;
  readonly staging: RegistryPlace;
  readonly patterns: readonly string[];
  /** Milliseconds. */
  readonly soak: number;
  /** The time that it is now. */
  readonly now: Date;
}

/** A version that may go on: all its variants. */
export interface Promotable {
  /** As its runtime variant is named: `node:22`. */
  readonly name: string;
  readonly images: readonly Carried[];
}

/** What may go on, and what not, each version once, in the catalog's order. */
export interface PromotionPlan {
  readonly promotable: readonly Promotable[];
  readonly left: readonly Left[];
}

type PromotionSession = RegistryPlace & { readonly catalog: Catalog };

/**
 * Finds out which versions may go on to the session's registry; moves nothing.
 * @throws UserError where something that was asked for is not published; LockedError while somebody publishes where it
 *   comes from; RegistryError
 */
export async function planPromotions(
  session: PromotionSession,
  request: PromotionRequest,
): Promise<PromotionPlan> {
  const { staging, patterns, from } = request;
  const targets = withPairs(session.catalog.targets, patterns);
  const staged = await whileUndisturbed(staging, () => readStates(staging, targets));
  requirePublished(targets, patterns, staged, from);
  const there = await readThere(session, targets);
  const promotable: Promotable[] = [];
  const left: Left[] = [];
  for (const release of releasesOf(targets)) {
    const { name } = release.runtime;
    const members = eachOf(release);
    const of = (states: ReadonlyMap<string, VariantState>) =>
      members.flatMap((target) => states.get(target.name) ?? []);
    const held = members.flatMap((target) => there.holds.get(target.name) ?? [])[0];
    const choice = chooseEdition(of(staged), of(there.states), request);
    if ("left" in choice) left.push({ release: name, ...choice.left });
    else {
      const images = await imagesOf(choice.edition, members, session.catalog, staging);
      if (choice.isThere && (await areTagged(images, session)))
        left.push({ release: name, ...choice.otherwise });
      else if (held !== undefined) {
        left.push({ release: name, because: "held", text: `${held}, in ${request.to}` });
      } else promotable.push({ name, images });
    }
  }
  return { promotable, left };
}

/** What the registry has that everything comes from. */
async function readStates(
  place: RegistryPlace,
  targets: readonly Target[],
): Promise<Map<string, VariantState>> {
  const { published } = await readContents(place, targets);
  const options = { signal: place.signal, refusedIsAbsent: true };
  return readAll(targets, async (target) => {
    const now = published.get(target.name)?.digest;
    const found =
      now === undefined ? undefined : await findHistory(place.registry, ...tagOf(place, target), options);
    return { target, now, history: found ? historyIn(found).entries : [] };
  });
}

/** What the registry has that it is to go to, and what is held there, in words, by the target's name. */
async function readThere(place: RegistryPlace, targets: readonly Target[]) {
  const { registry, signal } = place;
  const options = { ...ABOUT_TO_WRITE, signal };
  const holds = new Map<string, string>();
  const states = await readAll(targets, async (target) => {
    const at = tagOf(place, target);
    const [head, found] = await Promise.all([
      registry.headManifest(...at, options),
      findHistory(registry, ...at, options),
    ]);
    const { entries, hold } = historyIn(found);
    const held = holdAt(hold, new Date());
    if (held) holds.set(target.name, describeHold(held));
    return { target, now: head?.digest, history: entries };
  });
  return { states, holds };
}

async function readAll(
  targets: readonly Target[],
  read: (target: Target) => Promise<VariantState>,
): Promise<Map<string, VariantState>> {
  const limit = pLimit(REQUESTS_AT_ONCE);
  return new Map(
    await Promise.all(targets.map((target) => limit(async () => [target.name, await read(target)] as const))),
  );
}

/** Something has to be there for each name that was given. */
function requirePublished(
  targets: readonly Target[],
  patterns: readonly string[],
  staged: ReadonlyMap<string, VariantState>,
  from: string,
): void {
  const isThere = ({ name }: Target) => staged.get(name)?.now !== undefined;
  const missing = patterns.filter(
    (pattern) => !selectTargets(targets, [pattern]).some((one) => isThere(one)),
  );
  if (missing.length === 0 && targets.some((one) => isThere(one))) return;
  const what = missing.join(", ") || "target of this catalog";
  throw new UserError(
    `${from} has no published ${what}`,
    `this publishes it there: ${typed("rebuild", missing, ["--registry", from])}`,
  );
}

/** The images of an edition, with the tags that follow from the catalog and from the version in them. */
async function imagesOf(
  { digests }: Edition,
  members: readonly Target[],
  { targets }: Catalog,
  place: RegistryPlace,
): Promise<Carried[]> {
  const { registry, signal } = place;
  const found = members.flatMap((target) => {
    const digest = digests.get(target.name);
    return digest === undefined ? [] : [{ target, digest }];
  });
  const read = found.map(({ target, digest }) =>
    readPublished(registry, tagOf(place, target)[0], digest, signal),
  );
  const packages = (await Promise.all(read)).flatMap((one) => [...(one?.sizes?.values() ?? [])]);
  const [revision] = packages.flatMap((one) => one.packages.get(members[0]?.package ?? "")?.version ?? []);
  return found.map(({ target, digest }) => {
    // One that says nothing of its version is refused when it has arrived.
    if (revision === undefined) return { target, digest, tags: target.tags };
    const tags = tagsOf(target, revision.replace(/-r\d+$/, ""), targets);
    return { target, digest, tags: [...tags, buildTag(target.variant, revision, digest)] };
  });
}

/** Whether all tags are where they are to be. */
async function areTagged(images: readonly Carried[], place: RegistryPlace): Promise<boolean> {
  const { registry, signal } = place;
  const asked = images.flatMap(({ target, digest, tags }) =>
    tags.map(
      async (tag) =>
        (await registry.headManifest(tagOf(place, target)[0], tag, { signal }))?.digest === digest,
    ),
  );
  return (await Promise.all(asked)).every(Boolean);
}
