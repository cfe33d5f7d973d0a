import type { Stage } from "../model/run.ts";
import { LockedError } from "../publish/lock-state.ts";
import { RegistryError, TagsStuckError } from "../registry/errors.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { typed } from "../system/shown/started.ts";

/** What a machine says when it fails in the middle of the work, and what to do about it. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /no space left on device|ENOSPC|disk quota exceeded/i,
    `the disk is full: make room on it, or let \`${typed("clean")}\` remove old layouts; the next run goes on from here`,
  ],
  [
    // Sources: docker's client/errors.go; buildx, when the daemon ends while it builds.
    /cannot connect to the docker daemon|error during connect|closing transport|rpc error: code = Unavailable/i,
    "the Docker daemon is gone: see why, start it again (`systemctl start docker`), and run this once more",
  ],
];

/** The status of a server that fails, or stands behind one that does. */
const SERVER_FAILS = 500;

/** What a person can do about a failure; undefined where nobody knows in general. */
export function hintOf(error: unknown): string | undefined {
  if (error instanceof UserError || error instanceof LockedError) return error.hint;
  if (error instanceof TagsStuckError) {
    return "see whether the registry runs; the next run finishes what was begun, before anything else";
  }
  if (error instanceof RegistryError) return hintOfRegistry(error);
  const text = messageOf(error);
  return FAULTS.find(([words]) => words.test(text))?.[1];
}

function hintOfRegistry({ status, registry, isRefusal }: RegistryError): string | undefined {
  if (isRefusal) return `log in with \`docker login ${registry}\`, as one who may do this`;
  if (status !== undefined && status < SERVER_FAILS) return undefined;
  return `see whether ${registry} runs and can be reached from here; the next run goes on from here`;
}

/** Which target failed at which stage; the message is the cause's, with what to do about it if that is known. */
export class StageError extends Error {
  constructor(
    readonly target: string,
    readonly stage: Stage,
    cause: unknown,
  ) {
    const hint = hintOf(cause);
    super(messageOf(cause) + (hint === undefined ? "" : `\n→ ${hint}`), { cause });
  }
}
