import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gateCheck, notifyCheck, signCheck } from "../../../scripts/doctor/trust.ts";
import type { Gate } from "../../../scripts/model/gate.ts";
import type { Signing } from "../../../scripts/model/signing.ts";
import type { ProcessResult } from "../../../scripts/system/process/process.ts";
import { startFakeRegistry } from "../../support/fake-registry.ts";
import { found } from "../../unit/doctor/found.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const answer = (given: Partial<ProcessResult>) => async (): Promise<ProcessResult> => ({
  ...{ exitCode: 0, stdout: "", stderr: "", output: "" },
  ...given,
});

describe("signCheck", () => {
  const keyIn = async () => {
    const key = join(await temporaryDirectory(), "cosign.key");
    await writeFile(key, "a key");
    return { kind: "key", key, log: false } as const satisfies Signing;
  };
  const NONE = answer({ exitCode: 127 });
  const NOWHERE: Signing = { kind: "key", key: "/nowhere/cosign.key", log: false };

  it("is fine where cosign opens the key", async () => {
    const signing = await keyIn();
    expect(await found(signCheck(signing, false, { run: answer({ stdout: "public" }) }))).toEqual({
      status: "ok",
      found: `cosign signs with the key ${signing.key}`,
    });
  });

  it("is fine for keyless signatures where there is cosign", async () => {
    expect(await found(signCheck({ kind: "keyless" }, false, { run: answer({}) }))).toMatchObject({
      status: "ok",
      found: "cosign signs with the identity of this run",
    });
  });

  it("tells of a key that is not there before cosign is asked for it", async () => {
    expect(await found(signCheck(NOWHERE, false, { run: answer({}) }))).toEqual({
      status: "fail",
      found: expect.stringContaining("the key /nowhere/cosign.key cannot be read: ENOENT"),
      advice: expect.stringContaining("sign.key of the catalog"),
    });
  });

  it("tells of a password that is wrong", async () => {
    const stderr = "Error: reading key: decrypt: encrypted: decryption failed\n";
    const run = async (argv: readonly string[]) =>
      answer(argv[1] === "public-key" ? { exitCode: 1, stderr } : {})();
    expect(await found(signCheck(await keyIn(), false, { run }))).toMatchObject({
      status: "fail",
      found: expect.stringContaining("decryption failed"),
      advice: "give its password in COSIGN_PASSWORD",
    });
  });

  it("tells of a variable that is to hold the key and does not", async () => {
    const signing: Signing = { kind: "key", key: "env://BIRDHOUSE_TEST_NO_SUCH_KEY", log: false };
    expect(await found(signCheck(signing, false, { run: answer({}) }))).toMatchObject({
      status: "fail",
      found: "the environment has no BIRDHOUSE_TEST_NO_SUCH_KEY, which the key is in",
    });
  });

  it("tells of cosign and the key where neither is there; in the sandbox neither need be", async () => {
    const finding = await found(signCheck(NOWHERE, false, { run: NONE }));
    expect(finding.status).toBe("fail");
    expect(finding.found).toMatch(
      /^there is no cosign on this machine\nthe key \/nowhere\/cosign\.key cannot/,
    );
    expect(await found(signCheck(NOWHERE, true, { run: NONE }))).toMatchObject({ status: "warn" });
  });
});

describe("gateCheck", () => {
  const gate = (required: boolean, scanner: Gate["scanner"] = "auto"): Gate => ({
    ...{ scanner, required, severity: "high", exceptions: [] },
  });
  const none = async () => undefined;
  const trivy = async () => "trivy" as const;

  it.each([
    [
      "none, and required",
      gate(true),
      false,
      "fail",
      "there is neither trivy nor grype on this machine, so nothing is published",
    ],
    [
      "none of that name, and required",
      gate(true, "grype"),
      false,
      "fail",
      "there is no grype on this machine, so nothing is published",
    ],
    [
      "none, and none required",
      gate(false),
      false,
      "warn",
      "there is neither trivy nor grype on this machine, so vulnerabilities are not looked for",
    ],
    [
      "none, in the sandbox",
      gate(true),
      true,
      "warn",
      "there is neither trivy nor grype on this machine, so vulnerabilities are not looked for",
    ],
  ] as const)("of %s", async (_, wanted, isSandbox, status, text) => {
    expect(await found(gateCheck(wanted, isSandbox, none))).toMatchObject({ status, found: text });
  });

  it("names the scanner with its version", async () => {
    const run = answer({ output: "Version: 0.57.1\nVulnerability DB:\n" });
    expect(await found(gateCheck(gate(true), false, trivy, run))).toEqual({
      status: "ok",
      found: "Version: 0.57.1",
    });
  });

  it.each([
    [true, "fail"],
    [false, "warn"],
  ])("tells of a scanner that does not run, required: %s", async (required, status) => {
    const run = answer({ exitCode: 1, output: "no database\nmore" });
    expect(await found(gateCheck(gate(required), false, trivy, run))).toMatchObject({
      status,
      found: "trivy does not run: no database",
    });
  });
});

describe("notifyCheck", () => {
  const hook = (url: string, headers: Record<string, string> = {}) => ({
    url,
    when: "failure" as const,
    headers,
  });

  it("is fine where each has an address, and sends nothing", async () => {
    const server = await startFakeRegistry();
    const url = `http://${server.host}/hook`;
    expect(await found(notifyCheck([hook(url), hook("env://HOOK")], { HOOK: url }))).toEqual({
      status: "ok",
      found: `${url} and 1 more: not tried, as it would be taken for a run`,
    });
    expect(server.log).toEqual([]);
  });

  it("tells of what the environment lacks, and of what is no address, and never what a variable holds", async () => {
    const finding = await found(
      notifyCheck([hook("env://HOOK"), hook("env://OTHER", { authorization: "env://TOKEN" })], {
        OTHER: "not-a-url-secret",
      }),
    );
    expect(finding.status).toBe("fail");
    expect(finding.found.split("\n")).toEqual([
      "env://HOOK: url: the environment variable HOOK is not set",
      "env://OTHER: its URL must begin with http:// or https://",
      "env://OTHER: header authorization: the environment variable TOKEN is not set",
    ]);
  });
});
