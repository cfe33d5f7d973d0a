import { describe, expect, it } from "vitest";
import { credentialsCheck, registryCheck } from "../../../scripts/doctor/registry.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { type Fault, startFakeRegistry } from "../../support/fake-registry.ts";
import { found } from "../../unit/doctor/found.ts";

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
