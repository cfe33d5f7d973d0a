import type { Stage } from "../pipeline/events.ts";
import { isDue } from "../plan/plan.ts";
import { outcomesJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesText } from "../report/summary.ts";
import { exitCodeOf } from "./exit-code.ts";
import { makePlan } from "./make-plan.ts";
import type { EngineOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { recoverPublishing } from "./recover.ts";
import { repeatCommand } from "./repeat.ts";
import { runStages, type StagesRequest } from "./run-stages.ts";
import { type Session, withSession } from "./session.ts";
import { updateImages } from "./update-images.ts";
import { peekLock, withLock } from "./with-lock.ts";

/** Builds targets, due or not. */
export function build(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand(patterns, { ...options, first: "build", last: "build" });
}

/** Smoke-tests what an earlier build left. */
export function smoke(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand(patterns, { ...options, first: "smoke", last: "smoke" });
}

/** Publishes what an earlier build left. It is smoke-tested first: nothing else can be published. */
export function publish(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand(patterns, { ...options, first: "smoke", last: "publish" });
}

/** Some stages of the pipeline, without a plan. */
async function runCommand(
  patterns: string[],
  options: EngineOptions & { first: Stage; last: Stage },
): Promise<void> {
  await withSession(options, async (session) => {
    if (options.last !== "publish") return runPlanned(session, patterns, options);
    const peeked = await peekLock(session);
    await withLock(session, options.lease, peeked, async ({ session: own, check }) => {
      await recoverPublishing(own);
      await runPlanned(own, patterns, { ...options, beforeTags: check });
    });
  });
}

async function runPlanned(
  session: Session,
  patterns: string[],
  options: EngineOptions & StagesRequest,
): Promise<void> {
  const plan = await makePlan(session, { patterns, force: true });
  const { rendered } = plan;
  // What is unavailable or mistaken is named, and stops nothing else.
  const planned = plan.planned.filter(isDue);
  if (planned.length < plan.planned.length) {
    session.listener({ type: "plan", text: planText(plan.planned, session.today) });
  }
  if (options.first === "build") await updateImages(session, await rendered());
  const outcomes = await runStages(session, planned, options);
  const repeat = (target: string, stage: Stage) => repeatCommand(target, stage, session.profile, options);
  process.exitCode = exitCodeOf(plan.planned, outcomes);
  printResult(
    options,
    () => outcomesText(outcomes, repeat),
    () => ({ outcomes: outcomesJson(outcomes) }),
  );
}
