import { releaseOf } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import { commandLine, programWords } from "../system/shown/started.ts";
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
 */
export function jobsOf(planned: readonly PlannedTarget[], options: readonly string[]): MatrixJob[] {
  const due = planned.filter((one) => isDue(one)).map(({ target }) => target);
  const branches = [...new Set(due.map(({ branch }) => branch))];
  // So many parts that there are never more jobs than may be.
  const most = Math.max(MOST_TARGETS, 2 * Math.ceil(due.length / MOST_JOBS));
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

/** The document that a CI system makes its jobs of: see docs/ci.md. */
export function matrixOf(jobs: readonly MatrixJob[], flavour: MatrixFlavour): unknown {
  return flavour === "github" ? githubMatrix(jobs) : gitlabPipeline(jobs);
}

/** GitHub refuses a matrix without jobs, so the workflow has to look at `count` first. */
function githubMatrix(jobs: readonly MatrixJob[]): unknown {
  const include = jobs.map((job) => ({ ...job, targets: job.targets.join(" ") }));
  return { count: jobs.length, matrix: { include } };
}

/** A child pipeline. GitLab refuses one without jobs, so there is a job that says that nothing is to do. */
function gitlabPipeline(jobs: readonly MatrixJob[]): unknown {
  if (jobs.length === 0) return { "nothing to do": { script: ["echo 'Nothing to do.'"] } };
  return Object.fromEntries(jobs.map(({ name, command }) => [`rebuild ${name}`, { script: [command] }]));
}
