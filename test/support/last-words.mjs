// Loaded into a process (`node --import`), it writes down at the end what the process still holds, into the file
// that BIRDHOUSE_TEST_LAST_WORDS names. Plain JavaScript, so that it weighs next to nothing.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const file = process.env.BIRDHOUSE_TEST_LAST_WORDS;
const atStart = isMainThread && file ? openFiles() : [];

if (isMainThread && file) {
  process.on("exit", (code) => {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    writeFileSync(
      file,
      JSON.stringify({
        code,
        peakBytes: Number(peak) * 1024,
        openFiles: openFiles().filter((path) => !atStart.includes(path)),
        children: readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean),
        resources: process.getActiveResourcesInfo(),
      }),
    );
  });
}

/** Files and directories, without pipes, sockets and the like. */
function openFiles() {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      // The one that lists the directory is closed by now; the kernel's own devices are no files of ours.
      return path.startsWith("/") && !/^\/(dev|proc)\//.test(path) ? [path] : [];
    } catch {
      return [];
    }
  });
}
