import pLimit from "p-limit";
import type { Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { describeHold, findHistory, historyIn, holdAt } from "../publish/history.ts";
import { readPublished } from "../publish/published.ts";
import type { Registry } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import { messageOf } from "../system/errors.ts";

/** Requests at once. */
export const REQUESTS_AT_ONCE = 16;

/** Where tags are read: a namespace of a registry. */
export interface RegistryPlace {
  readonly registry: Registry;
  readonly namespace: Namespace;
  readonly signal: AbortSignal;
}

/**
 * Reads what the registry has of each target. Some registries (Harbor, GitLab, GHCR) refuse everything about a
 * repository that does not exist yet, as they refuse strangers: one new image must not end the night of all others.
 * @param unread where given, what cannot be read for another reason is put there, by the target's name, with that
 *   reason, and the others are read; but not where none can be
 * @returns by the target's name what is published, undefined where nothing is or the registry would not show it; and
 *   what it answered where it would not: `HTTP 403`
 * @throws RegistryError where all is refused and nothing shows that the registry knows us: then we are a stranger
 */
export async function readContents(
  place: RegistryPlace,
  targets: readonly Target[],
  unread?: Map<string, string>,
) {
  const limit = pLimit(REQUESTS_AT_ONCE);
  const errors: unknown[] = [];
  const failed = (error: unknown, { name }: Target): RegistryError | undefined => {
    if (error instanceof RegistryError && error.isRefusal) return error;
    if (!unread || place.signal.aborted) throw error;
    errors.push(error);
    unread.set(name, messageOf(error));
    return undefined;
  };
  const read = async (target: Target) =>
    [target.name, await readTarget(place, target).catch((error: unknown) => failed(error, target))] as const;
  const answers = await Promise.all(targets.map((target) => limit(read, target)));
  if (errors.length > 0 && errors.length === targets.length) throw errors[0];
  const refusals = answers.flatMap(([name, one]) =>
    one instanceof RegistryError ? [[name, one] as const] : [],
  );
  const refusal = refusals[0]?.[1];
  if (refusal && refusals.length === answers.length) {
    const { registry, signal } = place;
    if (!(await registry.acceptsCredentials(refusal.repository ?? "", { signal }))) throw refusal;
  }
  return {
    published: new Map(answers.map(([name, one]) => [name, one instanceof RegistryError ? undefined : one])),
    refused: new Map(refusals.map(([name, { status }]) => [name, `HTTP ${status}`])),
  };
}

async function readTarget(place: RegistryPlace, target: Target): Promise<Published | undefined> {
  const { registry, signal } = place;
  const [repository, tag] = tagOf(place, target);
  const published = await readPublished(registry, repository, tag, signal);
  if (!published || !dependsOnAge(target)) return published;
  // When it was published is no part of an image: two equal builds would differ by it.
  const [newest] = historyIn(await findHistory(registry, repository, tag, { signal })).entries;
  return newest?.image.digest === published.digest ? { ...published, at: newest.confirmed } : published;
}

/** What keeps tags where they are, in words, by the target's name: of those targets only that are held. */
export async function readHolds(
  place: RegistryPlace,
  targets: readonly Target[],
): Promise<Map<string, string>> {
  const { registry, signal } = place;
  // A repository that is not there yet, which some registries refuse to show, holds nothing.
  const options = { signal, refusedIsAbsent: true };
  const limit = pLimit(REQUESTS_AT_ONCE);
  const read = async (target: Target): Promise<(readonly [string, string])[]> => {
    const { hold } = historyIn(await findHistory(registry, ...tagOf(place, target), options));
    const held = holdAt(hold, new Date());
    return held ? [[target.name, describeHold(held)]] : [];
  };
  return new Map((await Promise.all(targets.map((target) => limit(read, target)))).flat());
}

/** Whether a plan asks how old what is published is. */
export function dependsOnAge({ policy }: Target): boolean {
  return policy.maxAge !== undefined || policy.notWithin !== undefined;
}

/** Repository and tag of a target: `node:22-dev` is `22-dev` in `NAMESPACE/node`. */
export function tagOf(
  { namespace }: Pick<RegistryPlace, "namespace">,
  target: Target,
): [repository: string, tag: string] {
  return [repositoryIn(namespace, target.image), target.name.slice(target.image.length + 1)];
}
