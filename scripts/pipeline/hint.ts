import type { Stage } from "../model/run.ts";
import { LockedError } from "../publish/lock-state.ts";
import { RegistryError, TagsStuckError } from "../registry/errors.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { typed } from "../system/shown/started.ts";

/** What a machine prints when it fails in the middle of a run, and what to do about it. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /no space left on device|ENOSPC|disk quota exceeded/i,
    `the disk is full: make room on it, or remove old layouts with \`${typed("clean")}\`; the next run continues from here`,
  ],
  [
    // Sources: docker's client/errors.go; buildx, when the daemon ends while it builds.
    /cannot connect to the docker daemon|error during connect|closing transport|rpc error: code = Unavailable/i,
    "the Docker daemon stopped: find out why, start it (`systemctl start docker`), and run this again",
  ],
];

/** The status of a server that fails, or stands behind one that does. */
const SERVER_FAILS = 500;

/** What a person can do about a failure; undefined where there is no general advice. */
export function hintOf(error: unknown): string | undefined {
  if (error instanceof UserError || error instanceof LockedError) return error.hint;
  if (error instanceof TagsStuckError) {
    return "check that the registry runs; the next run first finishes what this one began";
  }
  if (error instanceof RegistryError) return hintOfRegistry(error);
  const text = messageOf(error);
  return FAULTS.find(([words]) => words.test(text))?.[1];
}

/** What went wrong, and on a line of its own what a person can do about it. */
export function messageWithHint(error: unknown): string {
  const hint = hintOf(error);
  return messageOf(error) + (hint === undefined ? "" : `\n→ ${hint}`);
}

function hintOfRegistry({ status, registry, isRefusal }: RegistryError): string | undefined {
  if (isRefusal) return `log in with \`docker login ${registry}\` as a user who may do this`;
  if (status !== undefined && status < SERVER_FAILS) return undefined;
  return `check that ${registry} runs and can be reached from here; the next run continues from here`;
}

/** Which target failed at which stage; the message is the cause's, with what to do about it if that is known. */
export class StageError extends Error {
  constructor(
    readonly target: string,
    readonly stage: Stage,
    cause: unknown,
  ) {
    super(messageWithHint(cause), { cause });
  }
}
