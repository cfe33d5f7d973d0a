import { describe, expect, it } from "vitest";
import { tryRun } from "../../../scripts/system/process/process.ts";

const HOME = new URL("../../../scripts/system/environment.ts", import.meta.url).href;
const OWNER = new URL("../../../scripts/app/lock-owner.ts", import.meta.url).href;
const CREDENTIALS = new URL("../../../scripts/registry/credentials.ts", import.meta.url).href;
const RUNNABLE = new URL("../../../scripts/engine/runnable.ts", import.meta.url).href;

describe.runIf(process.getuid?.() === 0)("a user without an entry in passwd and without HOME", () => {
  it("has no home, a name, no credentials, and an engine that can be asked about", async () => {
    const program = `
      const { homeDirectory } = await import(${JSON.stringify(HOME)});
      const { ownerName } = await import(${JSON.stringify(OWNER)});
      const { dockerCredentials } = await import(${JSON.stringify(CREDENTIALS)});
      const { runnableState } = await import(${JSON.stringify(RUNNABLE)});
      const { source, credentials } = await dockerCredentials()("registry.example");
      const state = await runnableState();
      console.log(JSON.stringify([homeDirectory() ?? null, ownerName({}), source, credentials ?? null, state.length]));`;
    const nobody = [
      "setpriv",
      "--reuid=12345",
      "--regid=12345",
      "--clear-groups",
      "env",
      "-i",
      "TMPDIR=/tmp",
    ];
    const { stdout, stderr } = await tryRun([
      ...nobody,
      ...[process.execPath, "--import", "tsx", "--input-type=module", "-e", program],
    ]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      null,
      expect.stringMatching(/^user 12345@/),
      expect.stringContaining("anonymous"),
      null,
      64,
    ]);
  });
});
