import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCRIPTS } from "../../../scripts/app/completion.ts";
import { tryRun } from "../../../scripts/system/process/process.ts";
import { isInstalled } from "../../../scripts/system/process/tools.ts";

/** Says what it was asked, and two targets. */
const PROGRAM = `#!/bin/sh
printf '%s\\n' "$*" >> asked
printf 'node:22\\nnode:22-dev\\n'
`;

describe("completion in a shell", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "birdhouse-shell-"));
    await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
    await writeFile(join(folder, "node_modules/.bin/birdhouse"), PROGRAM);
    await chmod(join(folder, "node_modules/.bin/birdhouse"), 0o755);
    for (const [shell, script] of Object.entries(SCRIPTS)) await writeFile(join(folder, shell), script);
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What bash would put in, and what our program was asked. */
  async function complete(line: string): Promise<{ reply: string; asked: string }> {
    const script = [
      "rm -f asked; source ./bash",
      `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _birdhouse`,
      `printf "%s " "\${COMPREPLY[@]}"; echo; cat asked 2> /dev/null || true`,
    ];
    const { stdout, stderr } = await tryRun(["bash", "--norc", "-ec", script.join("\n")], { cwd: folder });
    expect(stderr).toBe("");
    const [reply = "", asked = ""] = stdout.split("\n");
    return { reply: reply.trim(), asked };
  }

  it.each([
    ["birdhouse rebuild ", "completion bash -- rebuild ", "node:22 node:22-dev"],
    // bash takes only what comes behind the colon.
    ["birdhouse rebuild --force node:2", "completion bash -- rebuild --force node:2", "22 22-dev"],
    ["npx birdhouse list no", "completion bash -- list no", "node:22 node:22-dev"],
    ["npx other list no", "", ""],
  ])("of bash, behind %j", async (line, asked, reply) => {
    expect(await complete(line)).toEqual({ asked, reply });
  });

  it.each(["bash", "zsh", "fish"])("is a script that %s can read, where there is one", async (shell) => {
    if (!(await isInstalled(shell))) return;
    const { exitCode, stderr } = await tryRun([shell, "-n", shell], { cwd: folder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });
});
