import { existsSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Microseconds: of each such time the group has its part. Source: the kernel's sched-bwc.rst and cgroup-v2.rst */
const PERIOD = 100_000;

/**
 * Gives a process, and all that it starts from now on, so much of one processor and no more.
 * @returns removes the group, once its processes are gone
 * @throws Error where this machine has no control groups that we may make
 */
export async function limitProcessors(
  name: string,
  processors: number,
  pid: number | undefined,
): Promise<() => Promise<void>> {
  const isFirst = existsSync("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const group = join(isFirst ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup", name);
  await mkdir(group);
  const quota = Math.round(PERIOD * processors);
  if (isFirst) {
    await writeFile(join(group, "cpu.cfs_period_us"), String(PERIOD));
    await writeFile(join(group, "cpu.cfs_quota_us"), String(quota));
  } else {
    await writeFile(join(group, "cpu.max"), `${quota} ${PERIOD}`);
  }
  await writeFile(join(group, "cgroup.procs"), String(pid));
  return async () => {
    // The kernel takes a moment to let go of processes that were killed.
    for (let patience = 50; patience > 0; patience--) {
      const isGone = await rmdir(group).then(
        () => true,
        () => false,
      );
      if (isGone) return;
      await sleep(100);
    }
  };
}
