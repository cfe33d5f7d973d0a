import { hostname, userInfo } from "node:os";
import { LOCK_IMAGE } from "../model/tags.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";

/** The repository of the lock, in the catalog's namespace. */
export function lockRepository(namespace: Namespace): string {
  return repositoryIn(namespace, LOCK_IMAGE);
}

/** Who is running: what somebody who is kept out needs to find us. */
export function ownerName(env: NodeJS.ProcessEnv): string {
  const since = new Date().toISOString();
  return [processName(), runAddress(env), `since ${since}`].filter((part) => part !== undefined).join(", ");
}

/** Where the run of a CI is to be seen. */
function runAddress(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, CI_JOB_URL } = env;
  if (GITHUB_RUN_ID) return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  return CI_JOB_URL || undefined;
}

/**
 * What names a run of a CI system, the same in all its jobs: a plan's matrix is worked on by several at once, each on
 * targets of its own. Undefined elsewhere. `BIRDHOUSE_RUN` says it for CI systems that are not known here.
 */
export function runName(env: NodeJS.ProcessEnv): string | undefined {
  const { BIRDHOUSE_RUN, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = env;
  const { CI_PROJECT_URL, CI_PIPELINE_ID } = env;
  if (BIRDHOUSE_RUN) return BIRDHOUSE_RUN;
  if (GITHUB_RUN_ID) return `${GITHUB_REPOSITORY} ${GITHUB_RUN_ID} ${GITHUB_RUN_ATTEMPT}`;
  return CI_PIPELINE_ID ? `${CI_PROJECT_URL} ${CI_PIPELINE_ID}` : undefined;
}

/** Whether a lock's owner is this very process. */
export function isOurs(owner: string): boolean {
  return owner.startsWith(`${processName()}, `);
}

function processName(): string {
  return `${userName()}@${hostname()}, process ${process.pid}`;
}

/** Who somebody is for others to read, in a hold's record: the run of a CI, or the user and the machine. */
export function personName(env: NodeJS.ProcessEnv): string {
  return runAddress(env) ?? `${userName()}@${hostname()}`;
}

/** A user without an entry in passwd(5), as containers are often started with, has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
