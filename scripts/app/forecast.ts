import { dirname, join, resolve } from "node:path";
import { type Forecast, type ForecastFacts, forecastOf, type PastTarget } from "../plan/forecast.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { readMeasuredSizes } from "../render/measured-sizes.ts";
import { readRunJournals, runsIn } from "../report/runs/journal.ts";
import { summaryOf } from "../report/runs/summarize.ts";
import { debug } from "../system/debug.ts";
import { messageOf } from "../system/errors.ts";
import { sum } from "../system/sum.ts";
import type { EngineOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** How many past runs are read, the newest first: each night's may be a large file. */
const RUNS_READ = 30;

type ForecastOptions = Pick<EngineOptions, "catalog" | "state" | "concurrency">;

/**
 * What a run is going to take: by this machine's past runs, else by measured sizes.
 * @param due what is to be built; where that is nothing, there is nothing to tell
 */
export async function forecastRun(
  session: Pick<Session, "profile">,
  due: readonly PlannedTarget[],
  options: ForecastOptions,
): Promise<Forecast | undefined> {
  return due.length === 0 ? undefined : forecastOf(due, await forecastFacts(session, due, options));
}

/** What a forecast goes by. Whatever cannot be read counts as not there: nobody's run may fail for a forecast. */
export async function forecastFacts(
  { profile }: Pick<Session, "profile">,
  due: readonly PlannedTarget[],
  { catalog, state, concurrency }: ForecastOptions,
): Promise<ForecastFacts> {
  const names = new Set(due.map(({ target }) => target.name));
  const directory = runsIn(resolve(state));
  const [past, sizes] = await Promise.all([
    orElse(pastTargets(directory, profile, names), new Map<string, PastTarget>()),
    orElse(measuredBytes(join(dirname(catalog), "sizes.json")), new Map<string, number>()),
  ]);
  return { past, sizes, concurrency };
}

async function orElse<Value>(reading: Promise<Value>, fallback: Value): Promise<Value> {
  return reading.catch((error: unknown) => {
    debug(() => `no forecast by it: ${messageOf(error)}`);
    return fallback;
  });
}

async function measuredBytes(file: string): Promise<ReadonlyMap<string, number>> {
  const { targets } = await readMeasuredSizes(file);
  return new Map(Object.entries(targets).map(([name, { compressed }]) => [name, compressed]));
}

/**
 * What targets took when they were last built with packages of the same origin. Those that are not asked for come along,
 * as they tell of others of their variant.
 * @param names of those that are asked for: once all are known, no older run is read
 */
export async function pastTargets(
  directory: string,
  profile: Session["profile"],
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, PastTarget>> {
  const past = new Map<string, PastTarget>();
  const unknown = new Set(names);
  let left = RUNS_READ;
  for await (const journal of readRunJournals(directory)) {
    if (unknown.size === 0 || left-- === 0) break;
    if (journal.run.profile !== profile) continue;
    for (const { target, status, seconds, platforms } of summaryOf(journal).targets) {
      // What was only published took no time to build.
      if (status !== "done" || seconds.build === 0 || past.has(target)) continue;
      past.set(target, { seconds, bytes: sum(platforms.map(({ compressed }) => compressed)) });
      unknown.delete(target);
    }
  }
  return past;
}
