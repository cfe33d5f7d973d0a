import { namesVersion, selectTargets } from "../catalog/targets/select.ts";
import { supportOf } from "../model/end-of-life.ts";
import { inputsOf } from "../model/inputs.ts";
import { hostPlatform } from "../model/platform.ts";
import { type Catalog, releaseOf, type Target } from "../model/target.ts";
import { doubtsAbout } from "../plan/availability.ts";
import { withinLimit, withoutArchived } from "../plan/order.ts";
import { isDue, type PlannedTarget, plan, withHolds, withObstacles } from "../plan/plan.ts";
import {
  choosePlatforms,
  type PlatformRequest,
  platformObstacle,
  platformsToAsk,
  wantedPlatforms,
} from "../plan/platforms.ts";
import { dockerfileOf, type RenderedFiles, renderBesides } from "../render/files.ts";
import { once } from "../system/once.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { askAlpine, askForFixes, type OfferedByBranch } from "./ask-alpine.ts";
import { type IdleContext, openIdleMemory } from "./idle-memory.ts";
import { templateFolders } from "./paths.ts";
import { type AskPlatforms, EVERY_MACHINE, openPlatformFacts } from "./platform-facts.ts";
import { readContents, readHolds } from "./read-registry.ts";
import type { Session } from "./session.ts";

/** What planning needs of a command. */
type PlanContext = IdleContext & Pick<Session, "written" | "openUpstream" | "runnable">;

/** A plan, and the Dockerfiles it is made for. */
export interface MadePlan {
  readonly planned: readonly PlannedTarget[];
  /** All that is rendered of the catalog. */
  rendered(): Promise<RenderedFiles>;
}

interface PlanRequest {
  /** Which targets; none means all. Their pairs come along, as they are published together. */
  readonly patterns: readonly string[];
  /** Rebuild those targets whatever the comparison says. */
  readonly force?: boolean;
  /** Read all of it anew, for those who want to see what was compared. */
  readonly thorough?: boolean;
  /** What is built stays here, so that no tag can lose a platform by it. */
  readonly unpublished?: boolean;
  /** Only asks about what it names: that is no wish to build what has ended. */
  readonly asksOnly?: boolean;
  /** How many releases are due at most; the rest is left out. */
  readonly limit?: number | undefined;
  /** For who only wants to see: what the registry fails on is put there, by the target's name, and ends nothing else. */
  readonly unread?: Map<string, string>;
  /** Each platform has a machine of its own, so that all can be built, wherever the plan is made. */
  readonly everywhere?: boolean;
}

/**
 * Compares the catalog with the registry, and what was published with what Alpine offers now. What an earlier
 * plan found idle is not compared again where neither its tag nor anything it was compared with has changed.
 */
export async function makePlan(context: PlanContext, request: PlanRequest): Promise<MadePlan> {
  const { patterns, force = false, unpublished = false, asksOnly = false, limit, unread } = request;
  const { everywhere = false, thorough = force || everywhere } = request;
  const { catalog, today, written, chosenPlatforms } = context;
  const upstream = await context.openUpstream();
  const selected = selectTargets(catalog.targets, patterns);
  const asked = new Set(selected.map(({ name }) => name));
  const releases = new Set(selected.map((target) => releaseOf(target)));
  const wanted = catalog.targets.filter((target) => releases.has(releaseOf(target)));
  const rendered = once(async () => {
    // Loaded where something is compared: on most nights nothing is.
    const { loadTemplates } = await import("../render/templates.ts");
    return renderBesides(written, await loadTemplates(...templateFolders(written)));
  });
  const memory = thorough ? undefined : await openIdleMemory(context, wanted, upstream);
  const idle = (memory?.idle ?? []).map(
    ({ target, digest }): PlannedTarget => ({
      target,
      platforms: wantedPlatforms(target, chosenPlatforms),
      inputs: {},
      published: { digest, inputs: undefined },
      reasons: [],
      held: [],
      support: supportOf(target, today),
    }),
  );
  const planned = new Map(idle.map((one) => [one.target.name, one]));
  const open = wanted.filter(({ name }) => !planned.has(name));
  const isAsked = (target: Target) => force && asked.has(target.name);
  const named = asksOnly ? new Set<string>() : namedReleases(catalog.targets, patterns);
  const isNamed = (target: Target) => named.has(releaseOf(target));
  const compared = await compareTargets(context, open, upstream, {
    ...{ rendered, isAsked, isNamed, unpublished, unread, everywhere },
  });
  await memory?.keep(compared);
  for (const one of compared) planned.set(one.target.name, one);
  const all = wanted.flatMap(({ name }) => planned.get(name) ?? []);
  return { planned: limit === undefined ? all : withinLimit(all, limit), rendered };
}

/** The releases of which the user named a version, by a tag, and not only the image. */
function namedReleases(targets: readonly Target[], patterns: readonly string[]): ReadonlySet<string> {
  const versions = patterns.filter((pattern) => namesVersion(pattern));
  // No pattern at all stands for all targets, and names none.
  const named = versions.length > 0 ? selectTargets(targets, versions) : [];
  return new Set(named.map((target) => releaseOf(target)));
}

interface CompareRequest extends Pick<MadePlan, "rendered"> {
  /** Whether the user wants it rebuilt whatever the comparison says. */
  readonly isAsked: (target: Target) => boolean;
  /** Whether the user named its very version. */
  readonly isNamed: (target: Target) => boolean;
  readonly unpublished: boolean;
  readonly unread: Map<string, string> | undefined;
  readonly everywhere: boolean;
}

/** Reads and compares everything. */
async function compareTargets(
  context: PlanContext,
  targets: readonly Target[],
  upstream: Upstream,
  { rendered, isAsked, isNamed, unpublished, unread, everywhere }: CompareRequest,
): Promise<PlannedTarget[]> {
  if (targets.length === 0) return [];
  const { catalog, today, chosenPlatforms: chosen } = context;
  const moving = targets.filter((target) => supportOf(target, today) !== "archived");
  // Rendering keeps the processor busy while the others wait for the network.
  const [offered, { published, refused }, files] = await Promise.all([
    askAlpine(upstream, moving, chosen),
    readContents(context, targets, unread),
    rendered(),
  ]);
  const host = hostPlatform();
  const readable = targets.filter(({ name }) => !unread?.has(name));
  const requests = readable.map((target): PlatformRequest => {
    const support = supportOf(target, today);
    // Build-only runs move no tags, so published platforms need not be kept.
    const kept = unpublished ? undefined : published.get(target.name);
    return { target, host, chosen, support, published: kept };
  });
  const runnable = everywhere ? async () => EVERY_MACHINE : context.runnable;
  const ask = openPlatformFacts(upstream, runnable, host);
  const compared = requests.map(async (request) => {
    const { target } = request;
    const choice = choosePlatforms(request, await ask(target, platformsToAsk(request)));
    return {
      target,
      ...choice,
      inputs: inputsOf(target, catalog, files.get(dockerfileOf(target)) ?? "", choice.platforms),
      published: published.get(target.name),
      refused: refused.get(target.name),
      asked: isAsked(target),
    };
  });
  const unmoved = await Promise.all(compared);
  const planWith = (known: OfferedByBranch) =>
    plan(
      unmoved.map((one) => {
        const ofBranch = known.get(one.target.branch);
        return { ...one, ...(ofBranch && { offered: ofBranch }) };
      }),
      today,
    );
  const moved = withoutArchived(await withFixes(planWith(offered), offered, planWith, upstream), isNamed);
  // A hold is asked for only where there is something to hold back: on most nights there is nothing.
  const movable = unpublished ? [] : moved.filter((one) => isDue(one) && one.published);
  const holds = await readHolds(
    context,
    movable.map(({ target }) => target),
  );
  const judged = await findObstacles(withHolds(moved, holds), requests, ask, catalog);
  const unjudged = targets.filter((target) => !readable.includes(target));
  return [...judged, ...unjudged.map((target) => unreadTarget(target, unread?.get(target.name), today))];
}

/** A target of which nobody knows what is published. */
function unreadTarget(target: Target, problem = "", today: Date): PlannedTarget {
  return {
    ...{ target, platforms: target.platforms, inputs: {}, published: undefined, reasons: [], held: [] },
    support: supportOf(target, today),
    obstacle: { text: `the registry could not be read: ${problem}`, excused: false, isUnknown: true },
  };
}

/** Looks up what was fixed, on those branches only where something moved: on most nights nothing has. */
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
 * Looks up whether what is due can be built of what the mirror offers, and for all platforms that its tag has. Notes
 * what a mirror of a part of Alpine lacks for it, though nobody can say whether Alpine has it.
 * @param requests those that the platforms were chosen by
 */
export async function findObstacles(
  planned: readonly PlannedTarget[],
  requests: readonly PlatformRequest[],
  ask: AskPlatforms,
  catalog: Pick<Catalog, "sources" | "branches" | "repositories">,
): Promise<PlannedTarget[]> {
  const byName = new Map(requests.map((request) => [request.target.name, request]));
  const asked = planned.map(async (one) => {
    const request = byName.get(one.target.name);
    if (!request || !isDue(one)) return [];
    const facts = await ask(one.target, [...new Set([request.host, ...one.platforms])]);
    return [[one.target.name, { one, request, facts }]] as const;
  });
  const known = new Map((await Promise.all(asked)).flat());
  const obstacles = withObstacles(planned, ({ name }) => {
    const found = known.get(name);
    return found && platformObstacle(found.one, found.request, found.facts, catalog);
  });
  return obstacles.map((one) => {
    const found = known.get(one.target.name);
    const own = found?.facts.get(found.request.host);
    if (!isDue(one) || !own || "problem" in own) return one;
    const doubts = doubtsAbout(one.target, own.offer, catalog.sources);
    return doubts.length === 0 ? one : { ...one, notes: [...(one.notes ?? []), ...doubts] };
  });
}
