import { hostPlatform, type Platform } from "../model/platform.ts";
import type { Stage } from "../model/run.ts";
import { passesAfter } from "../pipeline/deadline.ts";
import type { Outcome } from "../pipeline/events.ts";
import { type Forecast, forecastOf, releaseSeconds } from "../plan/forecast.ts";
import { halfOf } from "../plan/halves.ts";
import { inOrderOfWork } from "../plan/order.ts";
import { isDue, type PlannedTarget, withoutAway } from "../plan/plan.ts";
import type { TagMover } from "../publish/move-release.ts";
import { forecastText, limitText } from "../report/forecast-text.ts";
import { outcomesJson, planJson } from "../report/json.ts";
import { rebuildMetrics } from "../report/metrics-of.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesBlocks } from "../report/summary.ts";
import { count, formatProse } from "../system/shown/format.ts";
import { type Block, errorWidth } from "../system/shown/output.ts";
import { typed } from "../system/shown/started.ts";
import { type Run, withRun } from "./account.ts";
import { cleanAfterRun } from "./clean.ts";
import { forecastFacts } from "./forecast.ts";
import { gatherHalves, requireRun } from "./gather-halves.ts";
import { requireAbility } from "./halves.ts";
import { type MadePlan, makePlan } from "./make-plan.ts";
import { withMetrics } from "./metrics.ts";
import type { PipelineOptions } from "./options.ts";
import { repeatCommand } from "./repeat.ts";
import { exitCodeOf, printResult } from "./result.ts";
import { runStages } from "./run-stages.ts";
import { type Session, withSession } from "./session.ts";
import { throughTagDoor } from "./tag-door.ts";
import { type FailureMemory, pauseFailing, recallFailures, rememberFailures } from "./waiting.ts";

/** From which stage to which each command takes targets. Without `build`, what an earlier build left is taken. */
const STAGES_OF = {
  /** This and `join` take what is due; the others take what is named, due or not. */
  rebuild: ["build", "publish"],
  build: ["build", "build"],
  smoke: ["smoke", "smoke"],
  // Nothing can be published that was not tested.
  publish: ["smoke", "publish"],
  // Likewise, of what several machines made.
  join: ["smoke", "publish"],
} as const;

/** Runs such a command: plans, works, leaves its account and prints its result. */
export async function runCommand(
  verb: keyof typeof STAGES_OF,
  patterns: readonly string[],
  options: PipelineOptions,
): Promise<void> {
  // The time that planning takes counts too.
  const isLate = passesAfter(options.deadline);
  const [first, last] = STAGES_OF[verb];
  const isRebuild = verb === "rebuild";
  const isJoin = verb === "join";
  const { half } = options;
  if (half !== undefined) requireRun(process.env);
  await withSession(options, (session) =>
    withMetrics(options, session, verb, (tell) =>
      withRun(session, { verb, patterns, options }, async (run) => {
        const request = { isRebuild, isJoin, first, last, patterns, options, isLate };
        const { planned, outcomes, forecast } = await planAndRun(session, run, request);
        // Before old journals are removed.
        const streaks = await run.streaks();
        if (isRebuild) await cleanAfterRun(session, options.state, options.builder);
        const repeat = (target: string, stage: Stage) =>
          repeatCommand(target, isJoin ? "join" : stage, session.profile, options);
        const { today, newRegistry } = session;
        printResult(
          options,
          verb,
          (width) =>
            (isRebuild || isJoin) && outcomes.length === 0
              ? planText(planned, today, { brief: true, newRegistry, width })
              : [...outcomesBlocks(outcomes, repeat, streaks, width), ...limitBlocks(planned, width)],
          () => ({
            run: run.id,
            ...(forecast && { forecast }),
            ...(isRebuild && { plan: planJson(planned) }),
            outcomes: outcomesJson(outcomes, streaks),
          }),
        );
        tell(rebuildMetrics(outcomes, session.catalog.registry));
        return exitCodeOf(planned, outcomes);
      }),
    ),
  );
}

interface RunRequest {
  readonly isRebuild: boolean;
  readonly isJoin: boolean;
  readonly first: Stage;
  readonly last: Stage;
  readonly patterns: readonly string[];
  readonly options: PipelineOptions;
  /** Whether the run's deadline has passed. */
  readonly isLate: () => boolean;
}

/** Where a run was to do only so much, its end says what it left. */
function limitBlocks(planned: readonly PlannedTarget[], width: number | undefined): Block[] {
  const text = limitText(planned);
  return text === "" ? [] : [formatProse(text, width)];
}

/** What came of a plan. */
interface Ran {
  readonly planned: readonly PlannedTarget[];
  readonly outcomes: readonly Outcome[];
  /** What it was to take; told of rebuilds that had something to do. */
  readonly forecast?: Forecast;
}

/** A night in which nothing is due takes no lock: it only looks whether somebody else is publishing. */
async function planAndRun(session: Session, run: Run, request: RunRequest): Promise<Ran> {
  const { isRebuild, isJoin, first, last, patterns, options } = request;
  let memory: FailureMemory | undefined;
  const plan = async (own: Session): Promise<MadePlan> => {
    const force = !(isRebuild || isJoin) || options.force === true;
    const everywhere = isJoin || options.half !== undefined;
    const made = await makeOwnPlan(own, options.half, {
      ...{ patterns, force },
      unpublished: last !== "publish",
      ...{ limit: options.limit, everywhere },
    });
    if (isRebuild) {
      const due = made.planned.filter((one) => isDue(one));
      memory = await recallFailures(due, own);
      run.known(memory.failing);
      // What somebody names, or forces, is tried.
      const isWanted = force || patterns.length > 0;
      const planned = isWanted ? made.planned : pauseFailing(made.planned, memory);
      run.planned(planned, memory.fingerprints);
      return { ...made, planned };
    }
    run.planned(made.planned);
    return first === "build" ? made : { ...made, planned: made.planned.map((one) => withoutAway(one)) };
  };
  if (last !== "publish") return runPlanned(session, await plan(session), request, undefined);
  const ran = await throughTagDoor<Session, MadePlan, Ran>(session, {
    lease: options.lease,
    plan,
    ...((isRebuild || isJoin) && {
      idle: ({ planned }: MadePlan) =>
        planned.some((one) => isDue(one)) ? undefined : { planned, outcomes: [] },
    }),
    work: (made, door) => runPlanned(door.session, made, request, door),
  });
  if (memory) await rememberFailures(session, memory, ran.outcomes, run.started);
  return ran;
}

/** The plan of this run; with a half, what this machine does of it. */
async function makeOwnPlan(
  session: Session,
  half: Platform | undefined,
  request: Parameters<typeof makePlan>[1],
): Promise<MadePlan> {
  const made = await makePlan(session, request);
  if (half === undefined) return made;
  const planned = halfOf(made.planned, half, hostPlatform());
  await requireAbility(session, planned, half);
  return { ...made, planned };
}

/** Takes what is due through the stages. What is unavailable or mistaken is named, and stops nothing else. */
async function runPlanned(
  session: Session,
  { planned, rendered }: MadePlan,
  { isRebuild, isJoin, first, last, options, isLate }: RunRequest,
  mover: TagMover | undefined,
): Promise<Ran> {
  const due = planned.filter((one) => isDue(one));
  if ((isRebuild || isJoin) && due.length === 0) return { planned, outcomes: [] };
  const facts = await forecastFacts(session, due, options);
  const forecast = isRebuild ? forecastOf(due, facts) : undefined;
  if (isRebuild || due.length < planned.length) {
    const width = errorWidth();
    const style = isRebuild ? { brief: true, newRegistry: session.newRegistry } : {};
    const text = planText(planned, session.today, { ...style, width });
    const cost = forecast ? [formatProse(forecastText(forecast), width)] : [];
    session.listener({ type: "plan", text: [text, ...cost].join("\n") });
  }
  const dockerfiles = first === "build" ? await rendered() : undefined;
  const resume = isRebuild && options.verify !== true;
  const request = { first, last, resume, isLate, options, dockerfiles, mover };
  const work = inOrderOfWork(planned, releaseSeconds(due, facts)).filter((one) => isDue(one));
  const { whole, failed } = isJoin ? await gatherHalves(session, work) : { whole: work, failed: [] };
  const ran = isJoin && whole.length === 0 ? [] : await runStages(session, whole, request);
  if (options.half) {
    const ready = ran.filter(({ status }) => status === "done").length;
    const text = `${options.half} of ${count(ready, "target")} waits for ${typed("join")}; no tag was moved`;
    session.listener({ type: "note", text });
  }
  const outcomes = inPlansOrder([...ran, ...failed], planned);
  return { planned, outcomes, ...(forecast && { forecast }) };
}

/** A result is looked up by name: it is in the order of the catalog, in whichever the work was done. */
function inPlansOrder(outcomes: readonly Outcome[], planned: readonly PlannedTarget[]): Outcome[] {
  const places = new Map(planned.map(({ target }, index) => [target.name, index]));
  const placeOf = ({ target }: Outcome) => places.get(target) ?? planned.length;
  return outcomes.toSorted((one, other) => placeOf(one) - placeOf(other));
}
