import type { Outcome } from "../pipeline/events.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import { planText } from "../report/plan-text.ts";
import { errorWidth } from "../system/shown/output.ts";
import type { Run } from "./account.ts";
import { type MadePlan, makePlan } from "./make-plan.ts";
import type { EngineOptions } from "./options.ts";
import { runStages } from "./run-stages.ts";
import type { Session } from "./session.ts";
import { type TagDoor, throughTagDoor } from "./tag-door.ts";
import { updateImages } from "./update-images.ts";

/** What is to be rebuilt, and how. */
export interface RebuildRequest
  extends Pick<EngineOptions, "concurrency" | "lease">,
    Partial<Pick<EngineOptions, "sign">> {
  readonly patterns: readonly string[];
  /** Rebuild the named targets even if nothing has changed. */
  readonly force: boolean;
  /** Build everything twice, and fail what does not come out the same. */
  readonly verify: boolean;
  /** Whether the run's deadline has passed. */
  readonly isLate: () => boolean;
}

export interface Rebuilt {
  readonly planned: readonly PlannedTarget[];
  readonly outcomes: readonly Outcome[];
}

/**
 * Plans, and takes what is due through all stages to its tags. A night in which nothing is due takes no lock: it only
 * looks whether somebody else is publishing.
 * @throws LockedError when somebody else is publishing; UserError
 */
export function planAndRebuild(session: Session, run: Run, request: RebuildRequest): Promise<Rebuilt> {
  const { patterns, force, lease } = request;
  return throughTagDoor(session, {
    lease,
    async plan(own) {
      const plan = await makePlan(own, { patterns, force });
      run.planned(plan.planned);
      return plan;
    },
    // To plan in the sandbox is to open its mirror and push its base images, which two runs would do against each other.
    ...(session.profile !== "sandbox" && {
      isDue: ({ planned }: MadePlan) => planned.some((one) => isDue(one)),
      idle: ({ planned }: MadePlan): Rebuilt => ({ planned, outcomes: [] }),
    }),
    work: async (plan, door): Promise<Rebuilt> => ({
      planned: plan.planned,
      outcomes: await rebuildDue(plan, door, request),
    }),
  });
}

async function rebuildDue(
  { planned, rendered }: MadePlan,
  door: TagDoor<Session>,
  { concurrency, sign, verify, isLate }: RebuildRequest,
): Promise<Outcome[]> {
  const { session } = door;
  const due = planned.filter((one) => isDue(one));
  if (due.length === 0) return [];
  const { today, newRegistry, listener } = session;
  const text = planText(planned, today, { brief: true, newRegistry, width: errorWidth() });
  listener({ type: "plan", text });
  const dockerfiles = await rendered();
  await updateImages(session, dockerfiles);
  const stages = { first: "build", last: "publish", resume: true, dockerfiles, mover: door } as const;
  return runStages(session, due, { ...stages, concurrency, sign, verify, isLate });
}
