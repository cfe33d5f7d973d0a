import { readFileSync, readlinkSync } from "node:fs";

/**
 * Names a process for good: the start of its machine, its namespace of numbers, its number in it, and when it began, as
 * numbers are given out again. Source: proc(5), namespaces(7).
 * @returns undefined where the system has no /proc that tells it
 */
export function processIdentity(): string | undefined {
  try {
    return [...placeOfNumbers(), process.pid, beginningOf("self")].join(" ");
  } catch {
    return undefined;
  }
}

/** Whether a process ran here and is gone. Of one that ran elsewhere nothing can be known: it is not. */
export function isGone(identity: string): boolean {
  const [, , pid = "", beginning] = identity.split(" ");
  if (isElsewhere(identity)) return false;
  try {
    return beginningOf(pid) !== beginning;
  } catch {
    return true;
  }
}

/** Whether a process is, or was, of another machine, another start of this one, or another namespace of numbers. */
export function isElsewhere(identity: string): boolean {
  const [machine, namespace] = identity.split(" ");
  try {
    const [here, numbers] = placeOfNumbers();
    return machine !== here || namespace !== numbers;
  } catch {
    return true;
  }
}

function placeOfNumbers(): [machine: string, namespace: string] {
  const machine = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return [machine, readlinkSync("/proc/self/ns/pid")];
}

/** In ticks since the machine's start: field 22 of `stat`, counted behind the name, which may hold anything. */
function beginningOf(pid: string): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A process that has ended, and that nobody has asked about yet, is gone too.
  if (fields[0] === "Z") return "ended";
  return fields[19] ?? "";
}
