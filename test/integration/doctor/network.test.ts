import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { examine } from "../../../scripts/doctor/check.ts";
import {
  clockCheck,
  clockFinding,
  mirrorChecks,
  proxyChecks,
  proxyFinding,
} from "../../../scripts/doctor/network.ts";
import { startFakeRegistry } from "../../support/fake-registry.ts";
import { ourKey } from "../../support/signing-keys.ts";
import { found } from "../../unit/doctor/found.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const PAIR = Buffer.from("me:secret").toString("base64");

async function mirrorFinding(httpAuth: string | undefined) {
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === `Basic ${PAIR}`;
    response.writeHead(isKnown ? 200 : 401, { "www-authenticate": 'Basic realm="x"' }).end("an index");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const packages = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [check] = mirrorChecks({ packages, keys: "/nowhere", branch: "3.22", httpAuth });
  const finding = await check?.run(AbortSignal.timeout(5000));
  server.closeAllConnections();
  return finding;
}

it("a mirror that asks who we are is told, or what to set is (R12)", async () => {
  expect(await mirrorFinding("basic:*:me:secret")).toMatchObject({ status: "ok" });
  const nobody = await mirrorFinding(undefined);
  expect(nobody).toMatchObject({ status: "fail" });
  expect(JSON.stringify(nobody)).toContain("HTTP_AUTH=basic:*:USER:PASSWORD");
  const wrong = JSON.stringify(await mirrorFinding("basic:*:me:another"));
  expect(wrong).toContain("401");
  expect(wrong).not.toContain("another");
});

describe("mirrorChecks", () => {
  const examineMirror = async (packages: string | { folder: string }, keys: string) => {
    const examined = await examine(mirrorChecks({ packages, keys, branch: "3.22" }));
    return Object.fromEntries(examined.map(({ name, ...rest }) => [name, rest]));
  };
  const keysOf = async () => {
    const folder = await temporaryDirectory();
    const key = ourKey();
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

describe("a proxy", () => {
  const REGISTRY = new URL("https://registry.example/v2/");
  const MIRROR = new URL("http://mirror.example/");
  const OWN = new URL("http://127.0.0.1:5000/v2/");

  it("is looked at only where the environment names one", () => {
    expect(proxyChecks([REGISTRY], { NO_PROXY: "*" })).toEqual([]);
    for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"]) {
      expect(proxyChecks([REGISTRY], { [name]: "http://proxy.example:3128" })).toHaveLength(1);
    }
  });

  it("is named for each server, without its password", () => {
    const env = { https_proxy: "robin:hunter2@proxy.example:3128" };
    expect(proxyFinding([REGISTRY, MIRROR], env)).toEqual({
      status: "ok",
      found: "registry.example by http://proxy.example:3128 (https_proxy); mirror.example directly",
    });
  });

  it("that a server of this machine would be asked by is told, and what to do", () => {
    const env = { HTTP_PROXY: "http://proxy.example:3128" };
    expect(proxyFinding([OWN], env)).toMatchObject({
      status: "warn",
      advice: expect.stringContaining("add 127.0.0.1 to NO_PROXY"),
    });
    expect(proxyFinding([OWN], { ...env, NO_PROXY: "127.0.0.1" })).toMatchObject({ status: "ok" });
  });

  it("that is none is a failure of its own", async () => {
    const [check] = proxyChecks([MIRROR], { HTTP_PROXY: "gopher://hunter2" });
    await expect(check?.run(new AbortController().signal)).rejects.toThrow(
      /^HTTP_PROXY is not the address of a proxy$/,
    );
  });
});

describe("clockFinding", () => {
  const at = (host: string, seconds: number) => ({ host, ahead: seconds * 1000 });

  it.each([
    ["nothing to ask", [], "warn", "no server sent the time"],
    ["a minute", [at("a", -60)], "ok", "the same as on a"],
    ["some minutes", [at("a", 300)], "warn", "300 s behind a"],
    ["an hour", [at("a", -3600)], "fail", "3600 s ahead of a"],
    ["one server that is wrong", [at("a", 9000), at("b", 2)], "ok", "the same as on b"],
  ] as const)("%s", (_, offsets, status, found) => {
    expect(clockFinding(offsets)).toMatchObject({ status, found });
  });
});

describe("clockCheck", () => {
  it("asks each server for the time once, and passes over those that do not answer", async () => {
    const methods: string[] = [];
    const server = createServer((request, response) => {
      methods.push(request.method ?? "");
      response.writeHead(404, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => void server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const check = clockCheck([new URL(`http://${host}/v2/`), new URL("http://127.0.0.1:1/")]);
    const result = await found(check);
    server.closeAllConnections();
    expect(result).toMatchObject({
      status: "fail",
      found: expect.stringMatching(new RegExp(`^3[56]\\d\\d s ahead of ${host}$`)),
      advice: "set this machine's clock, and keep it: timedatectl set-ntp true",
    });
    expect(methods).toEqual(["HEAD"]);
  });

  it("has nothing to say where nobody answers", async () => {
    expect(await found(clockCheck([new URL("http://127.0.0.1:1/")]))).toEqual({
      status: "warn",
      found: "no server sent the time",
      advice: "see mirror and registry",
    });
  });
});
