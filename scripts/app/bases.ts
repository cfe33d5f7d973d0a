import type { PlannedTarget } from "../plan/plan.ts";
import type { Upstream } from "../upstream/upstream.ts";

/**
 * The base image that each branch is built on. What a plan did not compare, as of a version that has ended, is asked
 * for here: an image tells what it was built on, and must be the same whatever day it is built.
 * @returns branch → digest, where that can be found out
 */
export async function basesOf(
  jobs: readonly Pick<PlannedTarget, "target" | "offered">[],
  upstream: Pick<Upstream, "base">,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map(
    jobs.flatMap(({ target, offered }) =>
      offered?.base === undefined ? [] : [[target.branch, offered.base] as const],
    ),
  );
  const branches = [...new Set(jobs.map(({ target }) => target.branch))];
  const asked = branches.map(async (branch) => {
    const digest = known.get(branch) ?? (await ask(upstream, branch));
    return digest === undefined ? [] : [[branch, digest] as const];
  });
  return new Map((await Promise.all(asked)).flat());
}

async function ask(upstream: Pick<Upstream, "base">, branch: string): Promise<string | undefined> {
  const answer = await upstream.base(branch);
  return "value" in answer ? answer.value : undefined;
}
