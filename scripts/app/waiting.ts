import { createHash } from "node:crypto";
import { parseDependency } from "../formats/alpine/dependency.ts";
import { apkArchitecture } from "../model/platform.ts";
import type { Waiting } from "../model/run.ts";
import { closureOf, providersIn } from "../plan/closure.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import { waitingOf, withWaiting } from "../plan/waiting.ts";
import { systemClock } from "../system/environment.ts";
import { groupBy } from "../system/group.ts";
import type { Run } from "./account.ts";
import { valueIn } from "./ask-alpine.ts";
import type { Session } from "./session.ts";

/** Of each target, what it would be made of. */
type Fingerprints = ReadonlyMap<string, string>;

/**
 * Names what targets would be made of: their inputs, and the packages that their world comes to now.
 * @returns by target; one whose packages cannot be read has none
 */
export async function fingerprintsOf(
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

/**
 * Leaves out what failed night after night and of which nothing has moved since: its pauses grow.
 * @param fingerprints of what is due
 */
export async function pauseFailing(
  planned: readonly PlannedTarget[],
  fingerprints: Fingerprints,
  run: Pick<Run, "failing">,
): Promise<PlannedTarget[]> {
  const due = planned.filter((one) => isDue(one)).map(({ target }) => target.name);
  const now = systemClock.now();
  const waiting = new Map<string, Waiting>();
  for (const [target, failing] of await run.failing(due)) {
    const found = waitingOf(failing, fingerprints.get(target), now);
    if (found) waiting.set(target, found);
  }
  return withWaiting(planned, waiting);
}
