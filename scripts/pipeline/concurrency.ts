import { cpus, freemem, totalmem } from "node:os";
import pLimit, { type LimitFunction } from "p-limit";

/** How many releases are worked on at once: so many, or as many as keep this machine's processors busy. */
export type Concurrency = number | "auto";

/** What a machine had to spare over some seconds. */
export interface Spare {
  /** How much of its processors' time nobody asked for: from 0 to 1. What waits for a disk is not idle. */
  readonly idle: number;
  /** How much of its memory is free: from 0 to 1. */
  readonly memory: number;
}

/** How long the machine is looked at before another release is begun. In milliseconds. */
const INTERVAL = 3000;

/** From this share of idle time on, one more release finds room; one less is worked on below the other. */
const ROOM = 0.2;
const FULL = 0.03;

/** Below this share of free memory no further release is begun. */
const MEMORY = 0.15;

/** How many releases are begun for each processor, whatever it has to spare: each has files of its own on the disk. */
const MOST_FOR_EACH = 2;

/** How many releases are worked on before anything was measured. */
export function firstConcurrency(concurrency: Concurrency): number {
  return concurrency === "auto" ? cpus().length : concurrency;
}

/**
 * How many releases to work on from now on. Pure. A release waits for disks, servers and containers a good part of its
 * time: one for each processor leaves these idle.
 * @param now how many are worked on at most now
 */
export function nextConcurrency(now: number, { idle, memory }: Spare, processors: number): number {
  if (idle > ROOM && memory > MEMORY) return Math.min(now + 1, MOST_FOR_EACH * processors);
  if (idle < FULL || memory < MEMORY) return Math.max(now - 1, processors);
  return now;
}

/** What limits the work on releases, until it is closed. */
export interface OpenLimit {
  readonly limit: LimitFunction;
  close(): void;
}

/**
 * Limits how many releases are worked on at once. With `auto` the limit follows what the machine has to spare, while it
 * is open; what has begun goes on.
 */
export function openLimit(concurrency: Concurrency): OpenLimit {
  const limit = pLimit(firstConcurrency(concurrency));
  if (concurrency !== "auto") return { limit, close: () => {} };
  const processors = cpus().length;
  let before = idleTime();
  const timer = setInterval(() => {
    const now = idleTime();
    const idle = (now.idle - before.idle) / ((now.at - before.at) * processors);
    before = now;
    // Where nothing waits, nothing is learned: the last releases leave processors idle in any case.
    if (limit.pendingCount === 0) return;
    const memory = freemem() / totalmem();
    limit.concurrency = nextConcurrency(limit.concurrency, { idle, memory }, processors);
  }, INTERVAL);
  timer.unref();
  return { limit, close: () => clearInterval(timer) };
}

/** How long all processors together have been idle since the machine started, and when that was asked. In milliseconds. */
function idleTime(): { readonly idle: number; readonly at: number } {
  return { idle: cpus().reduce((sum, { times }) => sum + times.idle, 0), at: performance.now() };
}
