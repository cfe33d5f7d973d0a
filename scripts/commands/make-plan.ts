import { apkArchitecture, hostPlatform } from "../alpine/platform.ts";
import { supportOf } from "../catalog/end-of-life.ts";
import { pairOf, selectTargets } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import { obstacleOf } from "../plan/availability.ts";
import { inputsOf } from "../plan/inputs.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import { isDue, type PlannedTarget, plan, withObstacles } from "../plan/plan.ts";
import type { Comparison } from "../plan/reasons.ts";
import { dockerfileOf, type RenderedFiles, renderCatalog } from "../render/files.ts";
import { loadTemplates } from "../render/templates.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { askAlpine, askForFixes, type OfferedByBranch } from "./ask-alpine.ts";
import { TEMPLATES } from "./paths.ts";
import { readRegistry } from "./read-registry.ts";
import type { Session } from "./session.ts";

/** The one whose indexes tell what can be built; smoke tests run on this machine's own as well. */
const ARCHITECTURE = apkArchitecture(hostPlatform());

/** A plan, and the Dockerfiles it is made for. */
export interface MadePlan {
  readonly planned: readonly PlannedTarget[];
  readonly rendered: RenderedFiles;
}

/**
 * Compares the catalog with the registry, and what was published with what Alpine offers now.
 * @param patterns which targets; none means all. Their pairs come along, as they are published together
 * @param force rebuild those targets whatever the comparison says
 */
export async function makePlan(
  session: Session,
  patterns: readonly string[],
  force: boolean,
): Promise<MadePlan> {
  const { catalog, today } = session;
  const upstream = await session.openUpstream();
  const names = new Set(selectTargets(catalog.targets, patterns).map(({ name }) => name));
  const pairs = catalog.targets.filter((target) => names.has(target.name) || names.has(pairOf(target)));
  const moving = pairs.filter((target) => supportOf(target, today) !== "archived");
  // Rendering keeps the processor busy while the others wait for the network.
  const [offered, published, rendered] = await Promise.all([
    askAlpine(upstream, moving),
    readRegistry(session, pairs),
    loadTemplates(TEMPLATES).then((templates) => renderCatalog(session.written, templates)),
  ]);
  const inputs = new Map(
    pairs.map((target) => [target.name, inputsOf(target, catalog, rendered.get(dockerfileOf(target)) ?? "")]),
  );
  const planWith = (known: OfferedByBranch) =>
    plan(
      pairs.map((target) => compare(target, known)),
      today,
    );
  const compare = (target: Target, known: OfferedByBranch): Comparison => {
    const ofBranch = known.get(target.branch);
    return {
      target,
      inputs: inputs.get(target.name) ?? {},
      published: published.get(target.name),
      asked: force && names.has(target.name),
      ...(ofBranch && { offered: ofBranch }),
    };
  };
  const planned = await withFixes(planWith(offered), offered, planWith, upstream);
  return { planned: await findObstacles(session, planned, upstream), rendered };
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
