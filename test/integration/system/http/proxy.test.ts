import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpError } from "../../../../scripts/system/http/error.ts";
import { createTransport } from "../../../../scripts/system/http/http.ts";
import { goesDirect, proxyOf } from "../../../../scripts/system/http/proxy.ts";
import { HostileMirror } from "../../../support/hostile/mirror.ts";
import { HostileProxy } from "../../../support/hostile/proxy.ts";
import { freePort } from "../../../support/world.ts";

const P = "http://proxy.example:3128";

describe("the proxy for an address", () => {
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ["none without a variable", "https://a.example", {}, undefined],
    ["HTTPS_PROXY for https", "https://a.example", { HTTPS_PROXY: P }, "HTTPS_PROXY"],
    ["not HTTPS_PROXY for http", "http://a.example", { HTTPS_PROXY: P }, undefined],
    ["HTTP_PROXY for http", "http://a.example", { HTTP_PROXY: P }, "HTTP_PROXY"],
    ["HTTP_PROXY for https in need", "https://a.example", { HTTP_PROXY: P }, "HTTP_PROXY"],
    ["small letters first", "https://a.example", { HTTPS_PROXY: "x:1", https_proxy: P }, "https_proxy"],
    ["one without a scheme", "http://a.example", { http_proxy: "proxy.example:3128" }, "http_proxy"],
    ["an empty one is none", "http://a.example", { http_proxy: "", HTTP_PROXY: P }, "HTTP_PROXY"],
    ["none where NO_PROXY names it", "http://a.example", { HTTP_PROXY: P, NO_PROXY: "a.example" }, undefined],
    [
      "small letters first, of it too",
      "http://a.example",
      { HTTP_PROXY: P, NO_PROXY: "*", no_proxy: "b" },
      "HTTP_PROXY",
    ],
  ])("is %s", (_, url, env, variable) => {
    const proxy = proxyOf(new URL(url), env);
    expect(proxy?.variable).toBe(variable);
    if (proxy) expect(proxy.url.origin).toBe(P);
  });

  it.each(["socks5://robin:hunter2@h:1", "http://", "ftp://h", "http://robin:hunter2@[", "ht tp://x"])(
    "is an error of who wrote %s, which is not repeated",
    (value) => {
      const find = () => proxyOf(new URL("http://a.example"), { HTTP_PROXY: value });
      expect(find).toThrow(/^HTTP_PROXY is not the address of a proxy$/);
    },
  );

  it.each<[string, string, boolean]>([
    ["http://127.0.0.1:5000", "localhost,127.0.0.1,::1", true],
    ["http://[::1]:5000", "localhost,127.0.0.1,::1", true],
    ["http://[::1]:5000", "[::1]:5000", true],
    ["http://[::1]:5000", "[::1]:5001", false],
    ["http://[2001:db8::1]", "2001:0db8:0::0001", true],
    ["http://localhost:5000", "localhost,127.0.0.1,::1", true],
    ["http://a.example", "*", true],
    ["http://a.example", "b.example, .example", true],
    ["http://a.example", "*.example", true],
    ["http://a.example", "example", true],
    ["http://a.example", "A.EXAMPLE", true],
    ["http://ba.example", "a.example", false],
    ["http://a.example", "le", false],
    ["https://a.example", "a.example:443", true],
    ["https://a.example", "a.example:80", false],
    ["http://10.1.2.3", "10.0.0.0/8", true],
    ["http://11.1.2.3", "10.0.0.0/8", false],
    ["http://[fd00::1]", "fd00::/8", true],
    ["http://a.example", "10.0.0.0/8,10.0.0.0/99,/,:,::,a/b", false],
    ["http://127.0.0.11", "127.0.0.1", false],
    ["http://a.example", "", false],
  ])("%s is %s by NO_PROXY: %s", (url, noProxy, direct) => {
    expect(goesDirect(new URL(url), noProxy)).toBe(direct);
  });
});

describe("by way of a proxy", () => {
  let mirror: HostileMirror;
  let proxy: HostileProxy;
  beforeEach(async () => {
    mirror = await new HostileMirror({ files: new Map([["/document", Buffer.from("content")]]) }).listen();
    proxy = await new HostileProxy().listen();
  });
  afterEach(async () => {
    await mirror.close();
    await proxy.close();
  });

  const get = async (env: Record<string, string>, url = `${mirror.url}/document`) =>
    (await createTransport({ env })({ method: "GET", url: new URL(url) })).body.toString();
  const failure = async (env: Record<string, string>, url?: string) => {
    const error = await get(env, url).catch((thrown: unknown) => thrown);
    if (!(error instanceof HttpError)) throw new Error(`expected an HttpError, and not ${error}`);
    return error;
  };

  it("http is forwarded, and none of it goes another way", async () => {
    expect(await get({ HTTP_PROXY: proxy.url })).toBe("content");
    expect(proxy.log).toEqual([`GET ${mirror.url}/document`]);
    expect(mirror.seen).toHaveLength(1);
  });

  it("https goes through a tunnel", async () => {
    const to = mirror.url.replace("http:", "https:");
    // What answers there speaks no TLS, which is as far as this test goes.
    const { message, mayPass } = await failure({ HTTPS_PROXY: proxy.url }, to);
    expect(message).toMatch(new RegExp(`^${to}: by way of the proxy ${proxy.url}: .`));
    expect(mayPass).toBe(false);
    expect(proxy.log).toEqual([`CONNECT ${mirror.host}`]);
    expect(mirror.seen).toEqual([]);
  });

  it("goes nothing that NO_PROXY names", async () => {
    expect(await get({ HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" })).toBe("content");
    expect(proxy.seen).toEqual([]);
  });

  it("goes its own password, and the server's not to it", async () => {
    const login = proxy.url.replace("//", "//robin:hunter2@");
    proxy.world.authorization = `Basic ${Buffer.from("robin:hunter2").toString("base64")}`;
    proxy.cases.add("wants-login");
    expect(await get({ HTTP_PROXY: login })).toBe("content");
    expect(mirror.seen.map(({ headers }) => headers["proxy-authorization"])).toEqual([undefined]);
    for (const url of [`${mirror.url}/document`, "https://registry.example/v2/"]) {
      const variables = { HTTP_PROXY: proxy.url.replace("//", "//robin:wrong@"), HTTPS_PROXY: proxy.url };
      const { message, mayPass } = await failure(variables, url);
      expect(message).toMatch(
        /by way of the proxy http:\/\/127\.0\.0\.1:\d+: it requires a login \(HTTP 407\)/,
      );
      expect(message).not.toMatch(/robin|wrong/);
      expect(mayPass).toBe(false);
    }
  });

  it("says that it is the proxy which refuses, or is away", async () => {
    proxy.cases.add("refuses");
    expect(await failure({ HTTPS_PROXY: proxy.url }, "https://registry.example/v2/")).toMatchObject({
      reason: `by way of the proxy ${proxy.url}: it refused to connect (HTTP 403)`,
      mayPass: false,
    });
    const gone = `http://127.0.0.1:${await freePort()}`;
    for (const url of ["https://registry.example/v2/", "http://mirror.example/a"]) {
      expect(await failure({ HTTP_PROXY: gone }, url)).toMatchObject({
        reason: `by way of the proxy ${gone}: connect ECONNREFUSED ${gone.slice("http://".length)}`,
        mayPass: true,
      });
    }
  });

  it("which makes tunnels for https alone, as Squid does, http works all the same", async () => {
    proxy.cases.add("tunnels-443-only");
    expect(await get({ HTTP_PROXY: proxy.url })).toBe("content");
  });
});
