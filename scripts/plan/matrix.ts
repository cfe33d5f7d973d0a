import type { Platform } from "../model/platform.ts";
import { EMULATED, type Runners } from "../model/runners.ts";
import { releaseOf } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import { commandLine, programWords } from "../system/shown/started.ts";
import { sharesOf } from "./halves.ts";
import { isDue, type PlannedTarget } from "./plan.ts";

/** The CI systems that a plan can be cut into jobs for. */
export const MATRICES = ["github", "gitlab"] as const;
export type MatrixFlavour = (typeof MATRICES)[number];

/** A part of a plan that one machine does. */
export interface MatrixJob {
  /** `3.22`, or `3.22 (2)` where a branch has several. */
  readonly name: string;
  readonly branch: string;
  readonly targets: readonly string[];
  /** What a person could paste. */
  readonly command: string;
  /** Where each platform has a machine of its own: which one it is, and what else the job needs. */
  readonly half?: JobHalf;
}

/** The part of a job that makes one platform. */
interface JobHalf {
  readonly platform: Platform;
  /** What the CI calls the machine. */
  readonly runner: string;
  /** Whether programs of the platform are run by an emulator there. */
  readonly emulated: boolean;
}

/** How many targets a job has at most: a branch with more is cut, and its shared layer built in each part. */
const MOST_TARGETS = 60;
/** GitHub's bound: https://docs.github.com/actions/reference/limits */
const MOST_JOBS = 256;

/**
 * Cuts what is due into jobs. Pure. Images of a branch share their first layer, so they share a job, and all
 * variants of a version are tested and published together, so they stay in one job.
 *
 * @param options words for each command line, such as `--registry ghcr.io/birds`
 * @param runners the machines of each platform; where none are named, a machine makes all of them
 * @throws UserError where a platform has no machine
 */
export function jobsOf(
  planned: readonly PlannedTarget[],
  options: readonly string[],
  runners?: Runners,
): MatrixJob[] {
  const due = planned.filter((one) => isDue(one));
  const shares = runners ? sharesOf(due, runners) : [];
  const all = runners ? shares.flatMap((one) => one.planned) : due;
  // So many parts that there are never more jobs than may be.
  const most = Math.max(MOST_TARGETS, 2 * Math.ceil(all.length / MOST_JOBS));
  if (!runners) return jobsOn(due, options, most);
  return shares.flatMap(({ platform, host, runner, planned: own }) => {
    const emulated = runners[platform] === EMULATED;
    return jobsOn(own, [...options, "--half", platform], most).map((job) => ({
      ...job,
      // One that only assembles a platform stands beside one that makes its own.
      name: `${job.name} ${platform}${platform === host || emulated ? "" : ` on ${host}`}`,
      half: { platform, runner, emulated },
    }));
  });
}

/** Cuts into jobs what machines of one kind do. @param most targets of a job */
function jobsOn(planned: readonly PlannedTarget[], options: readonly string[], most: number): MatrixJob[] {
  const due = planned.map(({ target }) => target);
  const branches = [...new Set(due.map(({ branch }) => branch))];
  return branches.flatMap((branch) => {
    const releases = groupBy(
      due.filter((target) => target.branch === branch),
      (target) => releaseOf(target),
    );
    const parts = inParts(
      [...releases.values()].map((members) => members.map(({ name }) => name)),
      most,
    );
    return parts.map((targets, index) => ({
      name: parts.length > 1 ? `${branch} (${index + 1})` : branch,
      branch,
      targets,
      command: commandLine([...programWords(), "rebuild", ...targets, ...options]),
    }));
  });
}

/** In the plan's order, the names of each release in one part. @param most that a part has */
function inParts(releases: readonly (readonly string[])[], most: number): string[][] {
  const all = releases.flat().length;
  const size = 2 * Math.ceil(all / Math.ceil(all / most) / 2);
  const parts: string[][] = [];
  for (const names of releases) {
    const part = parts.at(-1);
    if (part && part.length + names.length <= size) part.push(...names);
    else parts.push([...names]);
  }
  return parts;
}

/** What brings together what the jobs made: the command, where they each make one platform; undefined elsewhere. */
export function joinOf(jobs: readonly MatrixJob[], options: readonly string[]): MatrixJoin | undefined {
  const targets = [...new Set(jobs.flatMap((job) => (job.half ? job.targets : [])))];
  if (targets.length === 0) return undefined;
  return { targets, command: commandLine([...programWords(), "join", ...targets, ...options]) };
}

/** The last job of a run. */
type MatrixJoin = Pick<MatrixJob, "targets" | "command">;

/** The document that a CI system makes its jobs of: see docs/ci.md. */
export function matrixOf(jobs: readonly MatrixJob[], flavour: MatrixFlavour, join?: MatrixJoin): unknown {
  return flavour === "github" ? githubMatrix(jobs, join) : gitlabPipeline(jobs, join);
}

/** GitHub refuses a matrix without jobs, so the workflow has to look at `count` first. */
function githubMatrix(jobs: readonly MatrixJob[], join: MatrixJoin | undefined): unknown {
  const include = jobs.map(({ half, ...job }) => ({
    ...job,
    targets: job.targets.join(" "),
    ...(half && { ...half, options: `--half ${half.platform}` }),
  }));
  return {
    count: jobs.length,
    matrix: { include },
    ...(join && { join: { ...join, targets: join.targets.join(" ") } }),
  };
}

/** A child pipeline. GitLab refuses one without jobs, so there is a job that says that nothing is to do. */
function gitlabPipeline(jobs: readonly MatrixJob[], join: MatrixJoin | undefined): unknown {
  if (jobs.length === 0) return { "nothing to do": { script: ["echo 'Nothing to do.'"] } };
  const rebuilds = jobs.map(({ name, command, half }) => [
    `rebuild ${name}`,
    { ...(half && { tags: [half.runner] }), script: [command] },
  ]);
  // In the stage behind that of the others, and also where one of them failed: the rest is published.
  const last = join && { join: { stage: "deploy", when: "always", script: [join.command] } };
  return { ...Object.fromEntries(rebuilds), ...last };
}
