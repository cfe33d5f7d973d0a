import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isGone, processIdentity } from "../../../../scripts/system/state/identity.ts";

const MODULE = new URL("../../../../scripts/system/state/identity.ts", import.meta.url).pathname;

/** A process that has told what it is called, and waits. */
async function startProcess() {
  const code = `const { processIdentity } = await import(${JSON.stringify(MODULE)});
    console.log(processIdentity()); setInterval(() => {}, 1000);`;
  const argv = ["--import", "tsx/esm", "--input-type=module", "--eval", code];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return { child, identity: String(line).trim() };
}

describe.skipIf(process.platform !== "linux")("the identity of a process", () => {
  it("is ours as long as we run", () => {
    expect(isGone(processIdentity() ?? "")).toBe(false);
  });

  it("is gone when the process has been killed, and not before", async () => {
    const { child, identity } = await startProcess();
    expect(identity).not.toBe(processIdentity());
    expect(isGone(identity)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(identity)).toBe(true);
  });

  it("is gone when another process has its number", () => {
    const [machine, namespace, pid] = (processIdentity() ?? "").split(" ");
    expect(isGone(`${machine} ${namespace} ${pid} 1`)).toBe(true);
  });

  it("of another machine, or of a container, tells nothing", () => {
    const [machine, namespace] = (processIdentity() ?? "").split(" ");
    expect(isGone(`other ${namespace} 999999 1`)).toBe(false);
    expect(isGone(`${machine} pid:[1] 999999 1`)).toBe(false);
  });
});
