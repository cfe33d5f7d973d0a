import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { isInstalled } from "../../scripts/system/process/tools.ts";

const START = new URL("../../scripts/start.mjs", import.meta.url).pathname;
/** Somebody whom no file of the system knows, and who has no user ids but their own. */
const PLAIN = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "env", "-u", "HOME"];

describe.runIf(process.getuid?.() === 0)("a plain user", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "birdhouse-plain-"));
    await chmod(directory, 0o777);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("is told at the start that images cannot be built, and what to do", async ({ skip }) => {
    if (!(await isInstalled("buildah"))) skip("there is no buildah on this machine");
    const state = join(directory, "state");
    const options = ["--profile", "sandbox", "--engine", "buildah", "--registry", "127.0.0.1:15787/plain"];
    const words = [...options, "--mirror-port", "15788", "--state", state];
    const { exitCode, stdout, stderr } = await tryRun([
      ...[...PLAIN, process.execPath, START],
      ...["rebuild", "lua", ...words],
    ]);
    expect(exitCode, stderr).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^user 54321 cannot build with buildah: .+\n→ run this as root, .*usermod --add-subuids/m,
    );
    // No mirror was made, and none was begun.
    expect(await readdir(state)).not.toContain("sandbox");
  });
});
