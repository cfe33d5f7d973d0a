import { apkArchitecture, hostPlatform } from "../alpine/platform.ts";
import { supportOf } from "../catalog/end-of-life.ts";
import { pairOf, selectTargets } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import { obstacleOf } from "../plan/availability.ts";
import { plannedIdle } from "../plan/idle.ts";
import { inputsOf } from "../plan/inputs.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import { isDue, type PlannedTarget, plan, withObstacles } from "../plan/plan.ts";
import type { Comparison } from "../plan/reasons.ts";
import { dockerfileOf, type RenderedFiles, renderCatalog } from "../render/files.ts";
import { loadTemplates } from "../render/templates.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { askAlpine, askForFixes, type OfferedByBranch } from "./ask-alpine.ts";
import { openIdleMemory } from "./idle-memory.ts";
import { TEMPLATES } from "./paths.ts";
import { readRegistry } from "./read-registry.ts";
import { once, type Session } from "./session.ts";

/** The one whose indexes tell what can be built; smoke tests run on this machine's own as well. */
const ARCHITECTURE = apkArchitecture(hostPlatform());

/** A plan, and the Dockerfiles it is made for. */
export interface MadePlan {
  readonly planned: readonly PlannedTarget[];
  /** All that is rendered of the catalog. */
  rendered(): Promise<RenderedFiles>;
}

export interface PlanRequest {
  /** Which targets; none means all. Their pairs come along, as they are published together. */
  readonly patterns: readonly string[];
  /** Rebuild those targets whatever the comparison says. */
  readonly force?: boolean;
  /** Read all of it anew, for those who want to see what was compared. */
  readonly thorough?: boolean;
}

/**
 * Compares the catalog with the registry, and what was published with what Alpine offers now. What an earlier
 * plan found idle is not compared again where neither its tag nor anything it was compared with has changed.
 */
export async function makePlan(session: Session, request: PlanRequest): Promise<MadePlan> {
  const { patterns, force = false, thorough = force } = request;
  const { catalog, today } = session;
  const upstream = await session.openUpstream();
  const asked = new Set(selectTargets(catalog.targets, patterns).map(({ name }) => name));
  const pairs = catalog.targets.filter((target) => asked.has(target.name) || asked.has(pairOf(target)));
  const rendered = once(async () => renderCatalog(session.written, await loadTemplates(TEMPLATES)));
  const memory = thorough ? undefined : await openIdleMemory(session, pairs, upstream);
  const idle = new Map(
    (memory?.idle ?? []).map(({ target, digest }) => [
      target.name,
      plannedIdle(target, digest, supportOf(target, today)),
    ]),
  );
  const open = pairs.filter(({ name }) => !idle.has(name));
  const isAsked = (target: Target) => force && asked.has(target.name);
  const compared = new Map(
    (await compareTargets(session, open, upstream, rendered, isAsked)).map((one) => [one.target.name, one]),
  );
  await memory?.keep([...compared.values()]);
  return { planned: pairs.flatMap(({ name }) => idle.get(name) ?? compared.get(name) ?? []), rendered };
}

/** Reads and compares everything. */
async function compareTargets(
  session: Session,
  targets: readonly Target[],
  upstream: Upstream,
  rendered: () => Promise<RenderedFiles>,
  isAsked: (target: Target) => boolean,
): Promise<PlannedTarget[]> {
  if (targets.length === 0) return [];
  const { catalog, today } = session;
  const moving = targets.filter((target) => supportOf(target, today) !== "archived");
  // Rendering keeps the processor busy while the others wait for the network.
  const [offered, published, files] = await Promise.all([
    askAlpine(upstream, moving),
    readRegistry(session, targets),
    rendered(),
  ]);
  const inputs = new Map(
    targets.map((target) => [target.name, inputsOf(target, catalog, files.get(dockerfileOf(target)) ?? "")]),
  );
  const compare = (target: Target, known: OfferedByBranch): Comparison => {
    const ofBranch = known.get(target.branch);
    return {
      target,
      inputs: inputs.get(target.name) ?? {},
      published: published.get(target.name),
      asked: isAsked(target),
      ...(ofBranch && { offered: ofBranch }),
    };
  };
  const planWith = (known: OfferedByBranch) =>
    plan(
      targets.map((target) => compare(target, known)),
      today,
    );
  const planned = await withFixes(planWith(offered), offered, planWith, upstream);
  return findObstacles(session, planned, upstream);
}

/** Looks up what was fixed, on those branches only where something moved: mostly nothing has. */
async function withFixes(
  planned: PlannedTarget[],
  offered: OfferedByBranch,
  planWith: (offered: OfferedByBranch) => PlannedTarget[],
  upstream: Upstream,
): Promise<PlannedTarget[]> {
  const moved = planned.filter(({ reasons, held }) =>
    [...reasons, ...held.map(({ reason }) => reason)].some(({ kind }) => kind === "packages"),
  );
  if (moved.length === 0) return planned;
  const branches = new Set(moved.map(({ target }) => target.branch));
  return planWith(await askForFixes(upstream, offered, branches));
}

/**
 * Looks up whether what is due can be built of what the mirror offers. A mirror out of reach is no obstacle:
 * what could not be found out is told with the plan.
 */
async function findObstacles(
  session: Session,
  planned: PlannedTarget[],
  upstream: Upstream,
): Promise<PlannedTarget[]> {
  const due = planned.filter(isDue).map(({ target }) => target);
  const offers = new Map<string, Offer | undefined | "unknown">();
  for (const branch of new Set(due.map((target) => target.branch))) {
    const answer = await upstream.packages(branch, ARCHITECTURE);
    offers.set(
      branch,
      "problem" in answer ? "unknown" : answer.value && offerOf([...answer.value.values()].flat()),
    );
  }
  return withObstacles(planned, (target) => {
    const offer = offers.get(target.branch);
    return offer === "unknown" ? undefined : obstacleOf(target, offer, session.catalog.sources);
  });
}
