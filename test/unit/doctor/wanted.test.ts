import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSigningKey } from "../../../sandbox/mirror/signing-key.ts";
import { type Check, type CheckResult, examine } from "../../../scripts/doctor/check.ts";
import { diskCheck } from "../../../scripts/doctor/machine.ts";
import { mirrorChecks } from "../../../scripts/doctor/network.ts";
import { credentialsCheck, registryCheck } from "../../../scripts/doctor/registry.ts";
import { gateCheck, notifyCheck, signCheck } from "../../../scripts/doctor/trust.ts";
import type { Gate } from "../../../scripts/model/gate.ts";
import type { Signing } from "../../../scripts/model/signing.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import type { ProcessResult } from "../../../scripts/system/process/process.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";
import { type Fault, startFakeRegistry } from "../registry/fake-registry.ts";

const answer = (given: Partial<ProcessResult>) => async (): Promise<ProcessResult> => ({
  ...{ exitCode: 0, stdout: "", stderr: "", output: "" },
  ...given,
});

/** What a check comes to, whatever it throws. */
async function found(check: Check): Promise<CheckResult> {
  const [examined] = await examine([check]);
  if (!examined) throw new Error("nothing was examined");
  const { name: _, ...finding } = examined;
  return finding;
}

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

describe("diskCheck", () => {
  it("finds room where the folder has yet to be made, and makes nothing", async () => {
    const folder = await temporaryDirectory();
    const finding = await found(diskCheck(join(folder, "a/b/state")));
    expect(finding.found).toContain(`free at ${folder}/a/b/state`);
    expect(finding.status).not.toBe("fail");
    await mkdir(join(folder, "state"));
    expect((await found(diskCheck(join(folder, "state")))).status).not.toBe("fail");
    expect(await readdir(folder, { recursive: true })).toEqual(["state"]);
  });

  it.each(["file", "file/state", "file/a/b"])("tells of a file in the way: %s", async (name) => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, "file"), "");
    expect(await found(diskCheck(join(folder, name)))).toMatchObject({
      status: "fail",
      found: expect.stringContaining(`${folder}/${name} cannot be written`),
    });
  });
});

describe("registryCheck", () => {
  it.each([
    [200, "ok"],
    [401, "ok"],
    [404, "fail"],
    [503, "fail"],
  ])("of one that answers %i: %s", async (status, expected) => {
    const server = await startFakeRegistry();
    server.fault = () => ({ status });
    expect((await found(registryCheck({ registry: server.host, path: "x" }))).status).toBe(expected);
  });

  it("tells of one elsewhere that cannot be reached", async () => {
    expect(await found(registryCheck({ registry: "registry.invalid", path: "x" }))).toMatchObject({
      status: "fail",
      found: expect.stringContaining("registry.invalid cannot be reached"),
    });
  });
});

describe("credentialsCheck", () => {
  const login = async () => ({ source: "AWS", credentials: { username: "AWS", password: "token" } });
  const withFault = async (fault: Fault, isEcr = false, logIn: typeof login = login) => {
    const server = await startFakeRegistry();
    server.fault = ({ method }) => (method === "DELETE" ? { status: 204 } : fault);
    const namespace = { registry: server.host, path: "birds" };
    const ecr = { scanOnPush: true, encryption: "AES256", untaggedDays: 14 } as const;
    const check = isEcr ? credentialsCheck(namespace, "lua", ecr, logIn) : credentialsCheck(namespace, "lua");
    return { server, finding: await found(check) };
  };

  it("begins an upload and calls it off", async () => {
    const { server, finding } = await withFault(undefined);
    expect(finding).toMatchObject({ status: "ok", found: expect.stringContaining("may push to birds/lua") });
    expect(server.log).toEqual([
      "POST /v2/birds/lua/blobs/uploads/",
      "DELETE /v2/birds/lua/blobs/uploads/1?_state=a%20b%3D",
    ]);
    expect(server.blobs.size + server.manifests.size).toBe(0);
  });

  it.each([
    ["401", { status: 401 }, false, "fail", "not accepted"],
    ["403", { status: 403 }, false, "fail", "may not push"],
    ["404", { status: 404 }, false, "warn", "there is no repository birds/lua"],
    [
      "404 of ECR, where a run makes it",
      { status: 404 },
      true,
      "ok",
      "AWS; accepted, and a run makes birds/lua",
    ],
    ["403 of ECR", { status: 403 }, true, "fail", "AWS; may not push"],
  ] as const)("of %s", async (_, fault, isEcr, status, text) => {
    const { finding } = await withFault(fault, isEcr);
    expect(finding).toMatchObject({ status, found: expect.stringContaining(text) });
    if (isEcr) expect(finding.advice ?? "").not.toContain("docker login");
  });

  it("logs in to ECR as a run does, with nothing of docker's", async () => {
    const { server, finding } = await withFault(undefined, true);
    expect(finding).toMatchObject({ status: "ok", found: "AWS; may push to birds/lua" });
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it("tells of what AWS says", async () => {
    const { finding } = await withFault(undefined, true, async () => {
      throw new UserError("AWS knows nobody of these credentials", "set AWS_PROFILE");
    });
    expect(finding).toEqual({
      status: "fail",
      found: "AWS knows nobody of these credentials",
      advice: "set AWS_PROFILE",
    });
  });
});

describe("mirrorChecks", () => {
  const examineMirror = async (packages: string | { folder: string }, keys: string) => {
    const examined = await examine(mirrorChecks({ packages, keys, branch: "3.22" }));
    return Object.fromEntries(examined.map(({ name, ...rest }) => [name, rest]));
  };
  const keysOf = async () => {
    const folder = await temporaryDirectory();
    const key = createSigningKey("test.rsa.pub");
    await writeFile(join(folder, key.name), key.publicKey);
    return folder;
  };

  it.each([
    ["has no such file", { status: 404 }, "HTTP 404"],
    ["fails", { status: 500 }, "HTTP 500"],
  ] as const)("tells of a mirror that %s", async (_, fault, text) => {
    const server = await startFakeRegistry();
    server.fault = () => fault;
    const { mirror, keys } = await examineMirror(`http://${server.host}`, await keysOf());
    expect(mirror).toMatchObject({ status: "fail", found: expect.stringContaining(text) });
    expect(keys).toMatchObject({ status: "warn", found: expect.stringContaining("not tried") });
  });

  it("tells of an index that no key of ours signed", async () => {
    const server = await startFakeRegistry();
    server.fault = () => ({ status: 200, body: "not an index" });
    const { mirror, keys } = await examineMirror(`http://${server.host}`, await keysOf());
    expect(mirror).toMatchObject({ status: "ok" });
    expect(keys).toMatchObject({ status: "fail", found: expect.stringContaining("1 key in") });
  });

  it("tells of a folder of keys that is not there", async () => {
    const server = await startFakeRegistry();
    server.fault = () => ({ status: 404 });
    expect((await examineMirror(`http://${server.host}`, "/nowhere")).keys?.status).toBe("fail");
  });

  it("takes a sandbox that has yet to be made for none to mend", async () => {
    const { mirror, keys } = await examineMirror({ folder: "/nowhere" }, "/nowhere");
    expect([mirror?.status, keys?.status]).toEqual(["warn", "warn"]);
  });
});
