import { apkArchitecture, hostPlatform } from "../alpine/platform.ts";
import { pairOf, selectTargets } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import { obstacleOf } from "../plan/availability.ts";
import { inputsOf } from "../plan/inputs.ts";
import { readOffer } from "../plan/offer.ts";
import { type Comparison, isDue, type PlannedTarget, plan, withObstacles } from "../plan/plan.ts";
import { dockerfileOf, type RenderedFiles, renderCatalog } from "../render/files.ts";
import { loadTemplates } from "../render/templates.ts";
import { UserError } from "../system/errors.ts";
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
 * Compares the catalog with the registry.
 * @param patterns which targets; none means all. Their pairs come along, as they are published together
 * @param force rebuild those targets whatever the comparison says
 */
export async function makePlan(
  session: Session,
  patterns: readonly string[],
  force: boolean,
): Promise<MadePlan> {
  const { catalog } = session;
  const rendered = renderCatalog(session.written, await loadTemplates(TEMPLATES));
  const names = new Set(selectTargets(catalog.targets, patterns).map(({ name }) => name));
  const pairs = catalog.targets.filter((target) => names.has(target.name) || names.has(pairOf(target)));
  const published = await readRegistry(session, pairs);
  const compare = (target: Target): Comparison => ({
    target,
    inputs: inputsOf(target, catalog, rendered.get(dockerfileOf(target)) ?? ""),
    published: published.get(target.name),
    asked: force && names.has(target.name),
  });
  const planned = plan(pairs.map(compare), session.today);
  return { planned: await findObstacles(session, planned), rendered };
}

/**
 * Looks up whether what is due can be built of what the mirror offers. Each index is read once, and none where
 * nothing is due. A mirror out of reach is no obstacle yet: the build will say so, with apk's own words.
 */
async function findObstacles(session: Session, planned: PlannedTarget[]): Promise<PlannedTarget[]> {
  const due = planned.filter(isDue);
  if (due.length === 0) return planned;
  await session.openMirror();
  const { sources } = session.catalog;
  const branches = new Set(due.map(({ target }) => target.branch));
  const offers = new Map(
    await Promise.all(
      [...branches].map(async (branch) => {
        const offer = await readOffer(sources.packages, branch, ARCHITECTURE, session.signal).catch(
          (error: unknown) => {
            if (!(error instanceof UserError)) throw error;
            session.listener({ type: "note", text: error.message });
            return "unknown" as const;
          },
        );
        return [branch, offer] as const;
      }),
    ),
  );
  return withObstacles(planned, (target) => {
    const offer = offers.get(target.branch);
    return offer === "unknown" ? undefined : obstacleOf(target, offer, sources);
  });
}
