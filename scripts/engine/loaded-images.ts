import { randomUUID } from "node:crypto";
import { isElsewhere, isGone, processIdentity } from "../system/state/identity.ts";

/**
 * The names that images have in a daemon while they are tested. Several runs may use one daemon, with catalogs that
 * call their images alike: so each run's are named after the run, and what is left of one that was killed is known for
 * what it is. Pure, but for the identity of this process.
 */

/** Every image that smoke tests load is named below this, so that it can be found and removed. */
const LOADED = "birdhouse.invalid";

/** A part of a repository's name that is a process's identity: boot, namespace, pid and start. See `processIdentity`. */
const RUN = /^run-([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})-(\d+)-(\d+)-(\d+)$/;
const IDENTITY = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}) pid:\[(\d+)\] (\d+) (\d+)$/;

/** Milliseconds after which an image of a run that cannot be looked for from here is taken to be left behind. */
const LONGEST_RUN = 2 * 24 * 60 * 60 * 1000;

/** Of this run; where the system tells no identity it is of no other run all the same. */
const OWN = runPart(processIdentity()) ?? `run-${randomUUID()}`;

/** The repository that this run gives to an image. @param name unique in the run, such as `node-22-dev` */
export function loadedRepository(name: string): string {
  return `${LOADED}/${OWN}/${name}`;
}

/** Whether a name is below ours. */
export function isLoaded(name: string): boolean {
  return name.startsWith(`${LOADED}/`);
}

/**
 * Whether an image was loaded by a run that has ended: none of ours, and of another's only what nobody can need.
 * @param name `REPOSITORY:TAG`
 * @param tagged when it was given this name, in milliseconds since 1970; no number, or one below, is not known
 */
export function isLeftBehind(name: string, tagged: number, now: number): boolean {
  const [host, run = ""] = name.split("/");
  if (host !== LOADED || run === OWN) return false;
  const identity = identityIn(run);
  if (identity !== undefined && !isElsewhere(identity)) return isGone(identity);
  return tagged > 0 && now - tagged > LONGEST_RUN;
}

function runPart(identity: string | undefined): string | undefined {
  const [, boot = "", ...numbers] = IDENTITY.exec(identity ?? "") ?? [];
  return numbers.length === 0 ? undefined : ["run", boot.replaceAll("-", ""), ...numbers].join("-");
}

function identityIn(part: string): string | undefined {
  const [, ...words] = RUN.exec(part) ?? [];
  const [namespace, pid, start] = words.slice(5);
  return words.length === 0 ? undefined : `${words.slice(0, 5).join("-")} pid:[${namespace}] ${pid} ${start}`;
}
