import { describe, expect, it } from "vitest";
import { Registry } from "../../../scripts/registry/client.ts";
import type { Credentials } from "../../../scripts/registry/credentials.ts";
import type { HttpRequest, Transport } from "../../../scripts/system/http/message.ts";
import { FakeClock, fewRetries } from "../../support/fake-registry.ts";

const PASSWORD = { username: "me", password: "secret" };
const BASIC = `Basic ${Buffer.from("me:secret").toString("base64")}`;

/**
 * A registry that answers 404 to who may ask. Tokens come from auth.example: `token-1`, `token-2`, … and are
 * good for what the `accepts` of the moment says.
 */
function setUp(options: { challenge: string; credentials?: Credentials; host?: string; lifetime?: number }) {
  const { challenge, credentials, host = "registry.example", lifetime } = options;
  const state = {
    requests: [] as HttpRequest[],
    tokens: 0,
    lookups: 0,
    credentials,
    accepts: (header: string | undefined): boolean => header !== undefined,
    tokenStatus: 200,
    renewAt: Number.POSITIVE_INFINITY,
  };
  const transport: Transport = async (request) => {
    state.requests.push(request);
    if (request.url.host === "auth.example") {
      state.tokens += 1;
      const token = { token: `token-${state.tokens}`, ...(lifetime && { expires_in: lifetime }) };
      const body = Buffer.from(JSON.stringify(token));
      return { status: state.tokenStatus, headers: {}, body, url: request.url };
    }
    const known = state.accepts(request.headers?.authorization);
    const headers: Record<string, string> = known ? {} : { "www-authenticate": challenge };
    return { status: known ? 404 : 401, headers, body: Buffer.alloc(0), url: request.url };
  };
  const clock = new FakeClock();
  const registry = new Registry(host, {
    transport,
    clock,
    retries: fewRetries,
    credentials: async () => {
      state.lookups += 1;
      const { credentials: found, renewAt } = state;
      return { source: "the test", renewAt, ...(found && { credentials: found }) };
    },
  });
  const sent = () => state.requests.map(({ headers }) => headers?.authorization);
  return { state, registry, clock, sent };
}

const bearer = (scope = "repository:a/b:pull", realm = "https://auth.example/token?v=2") =>
  `Bearer realm="${realm}",service="registry.example",scope="${scope}"`;

describe("Basic", () => {
  it("sends the password when asked, and from then on without being asked", async () => {
    const { registry, sent } = setUp({ challenge: 'Basic realm="x"', credentials: PASSWORD });
    await registry.listTags("a/b");
    await registry.listTags("a/b");
    expect(sent()).toEqual([undefined, BASIC, BASIC]);
  });

  it("looks the password up again before it ends, once for all that ask at that moment", async () => {
    const { registry, state, clock } = setUp({ challenge: 'Basic realm="x"', credentials: PASSWORD });
    state.renewAt = clock.time + 60_000;
    await registry.listTags("a/b");
    await registry.listTags("a/b");
    expect(state.lookups).toBe(1);
    clock.time += 60_000;
    state.renewAt = clock.time + 60_000;
    await Promise.all([registry.listTags("a/b"), registry.listTags("c/d")]);
    expect(state.lookups).toBe(2);
  });

  it("looks the password up again when it is no longer taken", async () => {
    const { registry, state, sent } = setUp({ challenge: "Basic", credentials: PASSWORD });
    await registry.listTags("a/b");
    state.accepts = (header) => header !== undefined && header !== BASIC;
    state.credentials = { username: "me", password: "renewed" };
    await registry.listTags("a/b");
    const renewed = `Basic ${Buffer.from("me:renewed").toString("base64")}`;
    expect(sent()).toEqual([undefined, BASIC, BASIC, renewed]);
  });

  it("says where a password that is refused came from, and tries it once", async () => {
    const { registry, state, sent } = setUp({ challenge: "Basic", credentials: PASSWORD });
    state.accepts = () => false;
    await expect(registry.listTags("a/b")).rejects.toThrow(/HTTP 401\ncredentials: the test/);
    expect(sent()).toEqual([undefined, BASIC]);
  });

  it("has nothing to send for who is anonymous", async () => {
    const { registry, sent } = setUp({ challenge: "Basic" });
    await expect(registry.listTags("a/b")).rejects.toMatchObject({ status: 401 });
    expect(sent()).toEqual([undefined]);
  });
});

describe("Bearer", () => {
  it("gets one token for each scope, however many requests want it at once", async () => {
    const { registry, state, sent } = setUp({ challenge: bearer(), credentials: PASSWORD });
    await Promise.all(Array.from({ length: 20 }, () => registry.listTags("a/b")));
    expect(state.tokens).toBe(1);
    const asked = state.requests.find(({ url }) => url.host === "auth.example");
    expect(asked?.url.search).toBe("?v=2&service=registry.example&scope=repository%3Aa%2Fb%3Apull");
    expect(asked?.headers?.authorization).toBe(BASIC);
    await registry.listTags("c");
    expect(state.tokens).toBe(2);
    expect(sent().slice(-2)).toEqual([BASIC, "Bearer token-2"]);
  });

  it("asks for what writing needs, and for what the registry names besides", async () => {
    const { registry, state } = setUp({ challenge: bearer("repository:other:pull") });
    await registry.deleteManifest("a/b", "22");
    const asked = state.requests.find(({ url }) => url.host === "auth.example");
    expect(asked?.url.searchParams.getAll("scope")).toEqual([
      "repository:a/b:pull,push,delete",
      "repository:other:pull",
    ]);
    expect(asked?.headers?.authorization).toBeUndefined();
  });

  it("renews a token before it ends", async () => {
    const { registry, state, clock } = setUp({ challenge: bearer(), lifetime: 300 });
    await registry.listTags("a/b");
    clock.time += 280_000;
    await registry.listTags("a/b");
    expect(state.tokens).toBe(1);
    clock.time += 15_000;
    await Promise.all([registry.listTags("a/b"), registry.listTags("a/b")]);
    expect(state.tokens).toBe(2);
  });

  it("takes a token without a lifetime to be good for a minute", async () => {
    const { registry, state, clock } = setUp({ challenge: bearer() });
    await registry.listTags("a/b");
    clock.time += 49_000;
    await registry.listTags("a/b");
    expect(state.tokens).toBe(1);
    clock.time += 2_000;
    await registry.listTags("a/b");
    expect(state.tokens).toBe(2);
  });

  it("gets another token, once, when the registry refuses the one it has", async () => {
    const { registry, state, sent } = setUp({ challenge: bearer(), lifetime: 3600 });
    await registry.listTags("a/b");
    state.accepts = (header) => header === "Bearer token-2";
    await registry.listTags("a/b");
    expect(sent().slice(-3)).toEqual(["Bearer token-1", undefined, "Bearer token-2"]);
    state.accepts = () => false;
    await expect(registry.listTags("a/b")).rejects.toMatchObject({ status: 401 });
    expect(state.tokens).toBe(3);
  });

  it("trades a refresh token in with a POST", async () => {
    const { registry, state } = setUp({ challenge: bearer(), credentials: { identityToken: "refresh me" } });
    await registry.listTags("a/b");
    const asked = state.requests.find(({ url }) => url.host === "auth.example");
    expect(asked?.method).toBe("POST");
    const form = new URLSearchParams(Buffer.from((asked?.body as Uint8Array) ?? []).toString());
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: "refresh_token",
      refresh_token: "refresh me",
      service: "registry.example",
      scope: "repository:a/b:pull",
    });
  });

  it("says which server gave no token, and where the password came from", async () => {
    const { registry, state } = setUp({ challenge: bearer(), credentials: PASSWORD });
    state.tokenStatus = 401;
    const message =
      /registry\.example: could not get a token from auth\.example: HTTP 401.*credentials: the test/s;
    await expect(registry.listTags("a/b")).rejects.toThrow(message);
    state.tokenStatus = 200;
    await registry.listTags("a/b");
  });

  it.each([
    ["is in the open", "http://auth.example/token"],
    ["is no address", "/token"],
  ])("sends no password to a token server that %s", async (_, realm) => {
    const { registry, state } = setUp({ challenge: bearer("x", realm), credentials: PASSWORD });
    await expect(registry.listTags("a/b")).rejects.toThrow(/no safe place to get a token from/);
    expect(state.requests).toHaveLength(1);
  });

  it("may use a token server in the open for a registry on this machine", async () => {
    const challenge = bearer("x", "http://auth.example/token");
    const { registry, state } = setUp({ challenge, host: "127.0.0.1:5000" });
    expect(await registry.listTags("a/b")).toEqual([]);
    expect(state.tokens).toBe(1);
  });
});

it("gives up on a challenge it does not know", async () => {
  const { registry, sent } = setUp({ challenge: "Negotiate", credentials: PASSWORD });
  await expect(registry.listTags("a/b")).rejects.toMatchObject({ status: 401 });
  expect(sent()).toEqual([undefined]);
});

describe("credentials for some paths only (R7)", () => {
  const other = { username: "team-a", password: "p" };
  const basicOf = ({ username, password }: typeof other) =>
    `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

  async function authorizations(challenge: string) {
    const sent: [path: string, authorization: string | undefined][] = [];
    const transport: Transport = async ({ url, headers = {} }) => {
      sent.push([url.pathname, headers.authorization]);
      const answer = (status: number, body = "", more = {}) => ({
        status,
        headers: more,
        body: Buffer.from(body),
        url,
      });
      if (url.host === "auth.example")
        return answer(200, JSON.stringify({ access_token: "t", expires_in: "300" }));
      return headers.authorization ? answer(404) : answer(401, "", { "www-authenticate": challenge });
    };
    const registry = new Registry("registry.example", {
      transport,
      clock: new FakeClock(),
      retries: fewRetries,
      credentials: async () => ({
        source: "the test",
        credentials: PASSWORD,
        paths: [{ path: "team-a", source: "the path", credentials: other }],
      }),
    });
    await registry.listTags("base/node");
    await registry.listTags("team-a/node");
    await registry.listTags("team-ab/node");
    return sent.filter(([, authorization]) => authorization?.startsWith("Basic"));
  }

  it("are sent to those only: Basic", async () => {
    expect(await authorizations('Basic realm="x"')).toEqual([
      ["/v2/base/node/tags/list", BASIC],
      ["/v2/team-a/node/tags/list", basicOf(other)],
      ["/v2/team-ab/node/tags/list", BASIC],
    ]);
  });

  it("get the tokens for those only; a token may be called access_token, and its seconds be text", async () => {
    const found = await authorizations('Bearer realm="https://auth.example/token",service="s"');
    expect(found.map(([, authorization]) => authorization)).toEqual([BASIC, basicOf(other), BASIC]);
  });

  it("are what a refusal names", async () => {
    const { registry, state } = setUp({ challenge: 'Basic realm="x"', credentials: PASSWORD });
    state.accepts = () => false;
    await expect(registry.listTags("a/b")).rejects.toThrow("credentials: the test");
  });
});

describe("whether a registry knows us", () => {
  it("is so where its front door opens to our credentials, and was closed before", async () => {
    const { registry, state } = setUp({ challenge: bearer(), credentials: PASSWORD });
    state.accepts = (header) => header !== undefined;
    expect(await registry.acceptsCredentials("a/b")).toBe(false);
    const open = { ...setUp({ challenge: bearer(), credentials: PASSWORD }) };
    open.state.accepts = () => true;
    expect(await open.registry.acceptsCredentials("a/b")).toBe(false);
  });

  it.each([
    ["with the right credentials", PASSWORD, 200, true],
    ["with wrong ones", PASSWORD, 401, false],
    ["with none", undefined, 200, false],
  ])("is told by its answer to a login %s", async (_, credentials, tokenStatus, expected) => {
    const transport: Transport = async ({ url, headers = {} }) => {
      const answer = (status: number, body = "", more = {}) => ({
        status,
        headers: more,
        body: Buffer.from(body),
        url,
      });
      if (url.host === "auth.example") return answer(tokenStatus, JSON.stringify({ token: "t" }));
      if (!headers.authorization) return answer(401, "", { "www-authenticate": bearer() });
      return answer(url.pathname === "/v2/" ? 200 : 403);
    };
    const registry = new Registry("registry.example", {
      transport,
      clock: new FakeClock(),
      retries: fewRetries,
      credentials: async () => ({ source: "the test", ...(credentials && { credentials }) }),
    });
    await expect(registry.listTags("a/b")).rejects.toThrow();
    expect(await registry.acceptsCredentials("a/b")).toBe(expected);
  });
});

describe("a registry that hides from strangers what is not for them", () => {
  async function ask(credentials: Credentials | undefined, doorStatus = 401, status = 404) {
    const sent: [path: string, authorization: string | undefined][] = [];
    const transport: Transport = async ({ url, headers = {} }) => {
      const { authorization } = headers;
      sent.push([url.pathname, authorization]);
      const answer = (code: number, more = {}, body = "") => ({
        ...{ status: code, headers: more, body: Buffer.from(body), url },
      });
      if (url.pathname === "/v2/" && !authorization) {
        return answer(doorStatus, { "www-authenticate": 'Basic realm="x"' });
      }
      return authorization === BASIC ? answer(200, {}, '{"tags":["22"]}') : answer(status);
    };
    const registry = new Registry("registry.example", {
      transport,
      clock: new FakeClock(),
      retries: fewRetries,
      credentials: async () => ({ source: "the test", ...(credentials && { credentials }) }),
    });
    const lists = [registry.listTags("a/b"), registry.listTags("a/c")];
    const found = await Promise.all(lists.map((list) => list.catch(() => "refused")));
    return { found, doors: sent.filter(([path]) => path === "/v2/").length };
  }

  it.each([404, 403])("is asked at its front door, once, by who has credentials: %i", async (status) => {
    expect(await ask(PASSWORD, 401, status)).toEqual({ found: [["22"], ["22"]], doors: 1 });
  });

  it("is taken at its word by who has none, and where the door is open", async () => {
    expect(await ask(undefined)).toEqual({ found: [[], []], doors: 0 });
    expect(await ask(PASSWORD, 200)).toEqual({ found: [[], []], doors: 1 });
  });
});
