import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type Webhook, webhookOf } from "../../../scripts/model/webhook.ts";
import { notify } from "../../../scripts/report/notify.ts";
import { freePort } from "../../support/world.ts";
import { SUMMARY } from "./runs/sample-journal.ts";

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
    expect(await send({ url }, {}, 200)).toEqual([
      `${new URL(url).origin}/… did not get the notification of this run: no answer within 0.2 s`,
    ]);
    expect(received).toHaveLength(2);
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
