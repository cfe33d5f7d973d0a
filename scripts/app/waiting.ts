import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { parseDependency } from "../formats/alpine/dependency.ts";
import { apkArchitecture } from "../model/platform.ts";
import type { Failing, Waiting } from "../model/run.ts";
import type { Target } from "../model/target.ts";
import type { Outcome } from "../pipeline/events.ts";
import { closureOf, providersIn } from "../plan/closure.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { waitingOf, withWaiting } from "../plan/waiting.ts";
import { findFailing, putFailing } from "../publish/failing.ts";
import { systemClock } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import { groupBy } from "../system/group.ts";
import { valueIn } from "./ask-alpine.ts";
import { lockRepository } from "./lock-owner.ts";
import { REQUESTS_AT_ONCE } from "./read-registry.ts";
import type { Session } from "./session.ts";

/** Of each target, what it would be made of. */
type Fingerprints = ReadonlyMap<string, string>;

/**
 * Names what targets would be made of: their inputs, and the packages that their world comes to now.
 * @returns by target; one whose packages cannot be read has none
 */
async function fingerprintsOf(
  planned: readonly PlannedTarget[],
  session: Pick<Session, "openUpstream">,
): Promise<Fingerprints> {
  if (planned.length === 0) return new Map();
  const upstream = await session.openUpstream();
  const wanted = planned.flatMap(({ target, platforms }) =>
    platforms.map((platform) => ({ target, platform })),
  );
  const worlds = new Map<string, string[]>();
  for (const [first, ...others] of groupBy(
    wanted,
    (one) => `${one.target.branch} ${one.platform}`,
  ).values()) {
    const packages = valueIn(await upstream.packages(first.target.branch, apkArchitecture(first.platform)));
    if (!packages) continue;
    const providers = providersIn(packages);
    for (const { target, platform } of [first, ...others]) {
      const world = target.world.map((item) => parseDependency(item));
      const installed = [...closureOf(world, providers)].map(({ name, version }) => `${name}-${version}`);
      worlds.set(target.name, [...(worlds.get(target.name) ?? []), platform, ...installed.sort()]);
    }
  }
  return new Map(
    planned.flatMap(({ target, inputs }) => {
      const world = worlds.get(target.name);
      if (!world) return [];
      const text = JSON.stringify([inputs, world]);
      return [[target.name, createHash("sha256").update(text).digest("hex")] as const];
    }),
  );
}

/** What a run knows of failures before it begins. */
export interface FailureMemory {
  /** By target, of what is due. */
  readonly failing: ReadonlyMap<string, Failing>;
  /** By target, what it would be made of. */
  readonly fingerprints: Fingerprints;
}

/** Where failures are kept. */
type FailurePlace = Pick<Session, "registry" | "namespace" | "signal" | "listener">;

/** Reads how often those that are due have failed. Where the registry does not tell, nothing waits, and it is noted. */
export async function recallFailures(
  due: readonly PlannedTarget[],
  session: FailurePlace & Pick<Session, "openUpstream">,
): Promise<FailureMemory> {
  const place = placeOf(session);
  const limit = pLimit(REQUESTS_AT_ONCE);
  const read = async (target: string) => [target, await findFailing(place, target)] as const;
  const [fingerprints, found] = await Promise.all([
    fingerprintsOf(due, session),
    Promise.all(due.map(({ target }) => limit(read, target.name))).catch((problem: unknown) => {
      session.signal.throwIfAborted();
      const text = `cannot read what failed before, so nothing waits: ${messageOf(problem)}`;
      session.listener({ type: "note", text });
      return [];
    }),
  ]);
  const failing = new Map(found.flatMap(([target, one]) => (one ? [[target, one] as const] : [])));
  return { failing, fingerprints };
}

/** Leaves out what failed night after night and of which nothing has moved since: its pauses grow. */
export function pauseFailing(
  planned: readonly PlannedTarget[],
  { failing, fingerprints }: FailureMemory,
): PlannedTarget[] {
  const now = systemClock.now();
  const waiting = new Map<string, Waiting>();
  for (const [target, one] of failing) {
    const found = waitingOf(one, fingerprints.get(target), now);
    if (found) waiting.set(target, found);
  }
  return withWaiting(planned, waiting);
}

/**
 * Writes down what has failed now, and what no longer does. What cannot be written is noted, and fails nothing.
 * @param started when the run began, in ISO 8601
 */
export async function rememberFailures(
  session: FailurePlace,
  { failing, fingerprints }: FailureMemory,
  outcomes: readonly Outcome[],
  started: string,
): Promise<void> {
  const place = placeOf(session);
  const writes = outcomes.flatMap(({ target, status }): (readonly [Target["name"], Failing])[] => {
    const before = failing.get(target);
    if (status === "failed") {
      const { runs, since } = before ?? { runs: 0, since: started };
      const fingerprint = fingerprints.get(target);
      return [[target, { runs: runs + 1, since, last: started, fingerprint }]];
    }
    return status === "done" && before ? [[target, { ...before, runs: 0, last: started }]] : [];
  });
  const limit = pLimit(REQUESTS_AT_ONCE);
  await Promise.all(writes.map(([target, one]) => limit(() => putFailing(place, target, one)))).catch(
    (problem: unknown) => {
      const text = `cannot write down what failed, so the next run will not know: ${messageOf(problem)}`;
      session.listener({ type: "note", text });
    },
  );
}

function placeOf({ registry, namespace, signal }: FailurePlace) {
  return { registry, repository: lockRepository(namespace), signal };
}
