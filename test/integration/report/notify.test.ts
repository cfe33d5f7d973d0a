import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Webhook, webhookOf } from "../../../scripts/model/webhook.ts";
import { isHttp, notify, resolved, viewOf } from "../../../scripts/report/notify.ts";
import { forgetSecrets, withoutSecrets } from "../../../scripts/system/shown/secrets.ts";
import { failedTarget, sampleRun, sampleRunTarget } from "../../support/sample-run.ts";
import { freePort } from "../../support/world.ts";
import { SUMMARY } from "../../unit/report/runs/sample-journal.ts";

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let servers: Server[] = [];
afterEach(() => {
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  servers = [];
});

/** A server that answers with these codes, one after the other; with the last of them for good; 0 never answers. */
async function serverWith(...codes: number[]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const code = codes[received.length] ?? codes.at(-1) ?? 200;
      received.push({ method: request.method, url: request.url, headers: request.headers, body });
      if (code > 0) response.writeHead(code, { location: "/elsewhere" }).end("answer");
    });
  });
  servers.push(server);
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return { received, url: `http://127.0.0.1:${port}/hooks/secret` };
}

/** A server that answers as it is told, with bytes, whatever it was asked. */
async function serverThat(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer();
  server.removeAllListeners("connection").on("connection", (socket: Socket) => {
    socket.on("error", () => socket.destroy()).once("data", () => answer(socket));
  });
  servers.push(server);
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return `http://127.0.0.1:${port}/hooks/secret`;
}

const BRIEF = { attempts: 2, firstDelay: 1, longestDelay: 1, longestRetryAfter: 1_000 };

function send(
  webhook: Partial<Webhook> & { url: string },
  env: Record<string, string> = {},
  timeout = 5_000,
) {
  return notify([webhookOf({ when: "always", ...webhook })], SUMMARY, { env, timeout, retries: BRIEF });
}

describe("notify", () => {
  it("sends what chats take", async () => {
    const { received, url } = await serverWith(200);
    expect(await send({ url })).toEqual([]);
    expect(received).toMatchObject([
      { method: "POST", url: "/hooks/secret", headers: { "content-type": "application/json" } },
    ]);
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      text: [
        "Birdhouse, registry.example/base: 2 of 4 targets done, 1 failed, 1 held back; 1 CVE fixed; 2 unavailable",
        "‼ lua:5.4 has failed in 3 runs in a row, since 2026-11-23 03:00 UTC",
        "✖ lua:5.4: build: no such package: lau5.4",
        "fixed: CVE-2024-9143",
      ].join("\n"),
    });
  });

  it("sends a template of one's own, with headers from the environment", async () => {
    const { received, url } = await serverWith(204);
    const template =
      "{{verdict}}{{#each failed}} {{target}} & {{failure.stage}}{{/each}}{{#if error}}!{{/if}}";
    const headers = { "Content-Type": "text/plain", Authorization: "env://TOKEN" };
    const env = { HOOK: `${url}\n`, TOKEN: "Bearer 1" };
    expect(await send({ url: "env://HOOK", template, headers }, env)).toEqual([]);
    expect(received).toMatchObject([
      {
        headers: { "content-type": "text/plain", authorization: "Bearer 1" },
        body: "2 of 4 targets done, 1 failed, 1 held back; 1 CVE fixed; 2 unavailable lua:5.4 & build",
      },
    ]);
  });

  it("tries again what fails for a moment, and says what fails for good", async () => {
    const moment = await serverWith(500, 200);
    expect(await send({ url: moment.url })).toEqual([]);
    expect(moment.received.map(({ body }) => body)).toEqual([expect.any(String), moment.received[0]?.body]);
    const good = await serverWith(503);
    expect(await send({ url: good.url })).toEqual([
      `${new URL(good.url).origin}/… did not get the notification of this run: its server answered with HTTP 503`,
    ]);
    expect(good.received).toHaveLength(2);
  });

  it.each([404, 302])("does not try again what was answered with %i", async (code) => {
    const { received, url } = await serverWith(code);
    expect(await send({ url })).toEqual([
      `${new URL(url).origin}/… did not get the notification of this run: its server answered with HTTP ${code}`,
    ]);
    expect(received.map((one) => one.url)).toEqual(["/hooks/secret"]);
  });

  it("waits only so long for a server that does not answer", async () => {
    const { received, url } = await serverWith(0);
    expect(await send({ url }, {}, 500)).toEqual([
      `${new URL(url).origin}/… did not get the notification of this run: no answer within 0.5 s`,
    ]);
    expect(received).toHaveLength(2);
  });

  it("takes any answer of the 2xx for a yes, however much it says besides", async () => {
    const last = await serverWith(299);
    expect(await send({ url: last.url })).toEqual([]);
    // More than anything of ours would read.
    const long = await serverThat((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * 2 ** 20}\r\n\r\n`);
      socket.write(Buffer.alloc(33 * 2 ** 20, "."));
    });
    expect(await send({ url: long })).toEqual([]);
  });

  it("gives up on a server that never ends its answer", async () => {
    const url = await serverThat((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const timer = setInterval(() => socket.write("."), 50);
      socket.on("close", () => clearInterval(timer));
    });
    expect(await send({ url }, {}, 200)).toEqual([
      `${new URL(url).origin}/… did not get the notification of this run: no answer within 0.2 s`,
    ]);
  });

  it("never tells what URL the environment has", async () => {
    const url = `http://127.0.0.1:${await freePort()}/secret`;
    expect(await send({ url: "env://HOOK" }, { HOOK: url })).toEqual([
      "env://HOOK did not get the notification of this run: its server cannot be reached (ECONNREFUSED)",
    ]);
    expect(await send({ url: "env://HOOK" }, { HOOK: "secret" })).toEqual([
      "env://HOOK did not get the notification of this run: its URL must begin with http:// or https://",
    ]);
    expect(await send({ url: "env://HOOK" })).toEqual([
      "env://HOOK did not get the notification of this run: the environment variable HOOK is not set",
    ]);
  });

  it("tells each whom it concerns, whatever becomes of the others", async () => {
    const { received, url } = await serverWith(200);
    const hooks = [
      webhookOf({ url: "env://NOTHING" }),
      webhookOf({ url: `${url}/failure` }),
      webhookOf({ url: `${url}/fixes`, when: "fixes" }),
      webhookOf({ url: `${url}/always`, when: "always" }),
    ];
    const told = async (changes: object) => {
      received.length = 0;
      await notify(hooks, { ...SUMMARY, ...changes }, { env: {} });
      return received.map((one) => one.url?.split("/").at(-1)).sort();
    };
    expect(await told({})).toEqual(["always", "failure", "fixes"]);
    expect(await told({ exitCode: 0 })).toEqual(["always", "fixes"]);
    expect(await told({ exitCode: 0, targets: [] })).toEqual(["always"]);
    // Somebody else is running, and will tell.
    expect(await told({ exitCode: 3, targets: [] })).toEqual(["always"]);
    expect(await told({ exitCode: 130, targets: [] })).toEqual(["always", "failure"]);
  });
});

describe("the text of a notification", () => {
  const textOf = (...targets: Parameters<typeof failedTarget>[]) =>
    viewOf(sampleRun({ exitCode: 1, targets: targets.map((one) => failedTarget(...one)) })).text;

  it("names one cause once, and how many it stops", () => {
    expect(textOf(["a:1", "the mirror is away"], ["b:1", "no b"], ["c:1", "the mirror is away"])).toBe(
      [
        "Birdhouse, registry.example.com/base: 0 of 3 targets done, 3 failed",
        "✖ a:1 and 1 more: smoke: the mirror is away",
        "✖ b:1: smoke: no b",
      ].join("\n"),
    );
  });

  it("names ten causes, and counts the targets of the others", () => {
    const failures = Array.from({ length: 12 }, (_, index) => [`a:${index}`, `why ${index}`] as const);
    const lines = textOf(...failures.map(([name, why]): [string, string] => [name, why])).split("\n");
    expect(lines.slice(-2)).toEqual(["✖ a:9: smoke: why 9", "✖ 2 more"]);
    expect(lines).toHaveLength(12);
    const alike = [...failures, ["b:1", "why 11"] as const];
    expect(textOf(...alike.map(([name, why]): [string, string] => [name, why]))).toMatch(/\n✖ 3 more$/);
    const ten = textOf(...failures.slice(0, 10).map(([name, why]): [string, string] => [name, why]));
    expect(ten).not.toContain("more");
  });

  it("has the vulnerabilities that are fixed in their order, and for templates each", () => {
    const reason = { kind: "packages", text: "a", cves: ["CVE-2026-2", "CVE-2026-1"] };
    const failed = failedTarget("b:1", "no");
    const view = viewOf(
      sampleRun({ targets: [sampleRunTarget({ target: "a:1", reasons: [reason] }), failed] }),
    );
    expect(view.text.split("\n").at(-1)).toBe("fixed: CVE-2026-1, CVE-2026-2");
    expect(view).toMatchObject({
      cves: ["CVE-2026-1", "CVE-2026-2"],
      failed: [failed],
      verdict: "1 of 2 targets done, 1 failed; 2 CVEs fixed",
    });
    expect(viewOf(sampleRun()).text).toBe(
      "Birdhouse, registry.example.com/base: Nothing to do: 0 targets up to date",
    );
  });
});

describe("what a webhook may be", () => {
  it("is what HTTP can be spoken to", () => {
    expect(["http://a.example", "HTTPS://a.example/b"].map((one) => isHttp(one))).toEqual([true, true]);
    expect(
      ["ftp://a.example", "httpx://a.example", "xhttp://a", "a.example", ""].filter((one) => isHttp(one)),
    ).toEqual([]);
  });

  it("is in the environment where it says so, without the space around it", () => {
    expect(resolved("env://HOOK", { HOOK: " http://a\n" })).toBe("http://a");
    for (const other of ["env://A-B", "xenv://HOOK", "env://", "env://HOOK/x", "http://b"]) {
      expect(resolved(other, { HOOK: "http://a" })).toBe(other);
    }
    // What is there is a secret from then on, as it is sent and not as it was written down.
    forgetSecrets();
    resolved("env://HOOK", { HOOK: " hooks.example/secret\n" });
    expect(withoutSecrets("there is no hooks.example/secret here")).toBe("there is no *** here");
    const message = "the environment variable HOOK is not set";
    expect(() => resolved("env://HOOK", { HOOK: " " })).toThrow(message);
    expect(() => resolved("env://HOOK", {})).toThrow(message);
  });

  it("is not sent what is no JSON, where it wants that; elsewhere any text", async () => {
    const { received, url } = await serverWith(200);
    expect(await send({ url, template: "{{verdict}}" })).toEqual([
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/… did not get the notification of this run: .*JSON/),
    ]);
    expect(received).toEqual([]);
    const headers = { "CONTENT-TYPE": "text/plain", "X-Token": "1" };
    expect(await send({ url, template: "{{verdict}}", headers })).toEqual([]);
    expect(received).toMatchObject([{ headers: { "content-type": "text/plain", "x-token": "1" } }]);
  });
});
