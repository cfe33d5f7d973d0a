import { selectTargets } from "../catalog/targets/select.ts";
import { supportOf } from "../model/end-of-life.ts";
import { inputsOf } from "../model/inputs.ts";
import type { Published } from "../model/published.ts";
import { pairOf } from "../model/release.ts";
import type { Target } from "../model/target.ts";
import { withHolds } from "../plan/holds.ts";
import { plannedIdle } from "../plan/idle.ts";
import { isDue, type PlannedTarget, plan } from "../plan/plan.ts";
import type { Comparison } from "../plan/reasons.ts";
import { dockerfileOf, type RenderedFiles, renderCatalog } from "../render/files.ts";
import { once } from "../system/once.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { askAlpine, askForFixes, type OfferedByBranch } from "./ask-alpine.ts";
import { openIdleMemory } from "./idle-memory.ts";
import { openPlatformJudge } from "./judge-platforms.ts";
import { TEMPLATES } from "./paths.ts";
import { aimsOf, findObstacles } from "./plan-platforms.ts";
import { readContents, readHolds } from "./read-registry.ts";
import type { Session } from "./session.ts";

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
  /** What is built stays here, so that no tag can lose a platform by it. */
  readonly unpublished?: boolean;
}

/**
 * Compares the catalog with the registry, and what was published with what Alpine offers now. What an earlier
 * plan found idle is not compared again where neither its tag nor anything it was compared with has changed.
 */
export async function makePlan(session: Session, request: PlanRequest): Promise<MadePlan> {
  const { patterns, force = false, thorough = force, unpublished = false } = request;
  const { catalog, today } = session;
  const upstream = await session.openUpstream();
  const asked = new Set(selectTargets(catalog.targets, patterns).map(({ name }) => name));
  const pairs = catalog.targets.filter((target) => asked.has(target.name) || asked.has(pairOf(target)));
  const rendered = once(async () => {
    // Loaded where something is compared: on most nights nothing is.
    const { loadTemplates } = await import("../render/templates.ts");
    return renderCatalog(session.written, await loadTemplates(TEMPLATES));
  });
  const memory = thorough ? undefined : await openIdleMemory(session, pairs, upstream);
  const idle = new Map(
    (memory?.idle ?? []).map(({ target, digest }) => [
      target.name,
      plannedIdle(target, digest, supportOf(target, today)),
    ]),
  );
  const open = pairs.filter(({ name }) => !idle.has(name));
  const isAsked = (target: Target) => force && asked.has(target.name);
  const compare = { rendered, isAsked, unpublished };
  const compared = new Map(
    (await compareTargets(session, open, upstream, compare)).map((one) => [one.target.name, one]),
  );
  await memory?.keep([...compared.values()]);
  return { planned: pairs.flatMap(({ name }) => idle.get(name) ?? compared.get(name) ?? []), rendered };
}

interface CompareRequest extends Pick<MadePlan, "rendered"> {
  readonly isAsked: (target: Target) => boolean;
  readonly unpublished: boolean;
}

/** Reads and compares everything. */
async function compareTargets(
  session: Session,
  wanted: readonly Target[],
  upstream: Upstream,
  { rendered, isAsked, unpublished }: CompareRequest,
): Promise<PlannedTarget[]> {
  if (wanted.length === 0) return [];
  const { catalog, today } = session;
  const moving = wanted.filter((target) => supportOf(target, today) !== "archived");
  // Rendering keeps the processor busy while the others wait for the network.
  const [offered, { published, refused }, files] = await Promise.all([
    askAlpine(upstream, moving),
    readContents(session, wanted),
    rendered(),
  ]);
  const judge = openPlatformJudge(session, upstream);
  // What stays here takes nothing from what is published.
  const kept = unpublished ? new Map<string, Published | undefined>() : published;
  const aims = await aimsOf(wanted, kept, judge, today);
  const targets = wanted.map((target) => ({
    ...target,
    platforms: aims.get(target.name)?.platforms ?? target.platforms,
  }));
  const inputs = new Map(
    targets.map((target) => [target.name, inputsOf(target, catalog, files.get(dockerfileOf(target)) ?? "")]),
  );
  const compare = (target: Target, known: OfferedByBranch): Comparison => {
    const ofBranch = known.get(target.branch);
    return {
      target,
      inputs: inputs.get(target.name) ?? {},
      published: published.get(target.name),
      refused: refused.get(target.name),
      asked: isAsked(target),
      ...(ofBranch && { offered: ofBranch }),
      unavailable: aims.get(target.name)?.unavailable ?? [],
    };
  };
  const planWith = (known: OfferedByBranch) =>
    plan(
      targets.map((target) => compare(target, known)),
      today,
    );
  const moved = await withFixes(planWith(offered), offered, planWith, upstream);
  const planned = unpublished ? moved : await keepHeld(session, moved);
  return findObstacles(planned, kept, judge, catalog);
}

/** A hold is asked for only where there is something to hold back: mostly there is nothing. */
async function keepHeld(session: Session, planned: readonly PlannedTarget[]): Promise<PlannedTarget[]> {
  const due = planned.filter((one) => isDue(one) && one.published).map(({ target }) => target);
  return withHolds(planned, await readHolds(session, due));
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
