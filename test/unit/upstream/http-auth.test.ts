import { describe, expect, it } from "vitest";
import { UserError } from "../../../scripts/system/errors.ts";
import { followRedirects } from "../../../scripts/system/http/follow.ts";
import type { Transport } from "../../../scripts/system/http/message.ts";
import { parseHttpAuth, withHttpAuth } from "../../../scripts/upstream/http-auth.ts";

const AUTH = { realm: "*", user: "me", password: "se:cret" };
const BASIC = `Basic ${Buffer.from("me:se:cret").toString("base64")}`;
const ORIGIN = "https://mirror.example:8443";

describe("HTTP_AUTH, as apk has it (R12)", () => {
  it.each([
    ["basic:*:me:se:cret", AUTH],
    ["Basic:packages:me:p", { realm: "packages", user: "me", password: "p" }],
    ["basic:*:me:", { realm: "*", user: "me", password: "" }],
    ["", undefined],
    [undefined, undefined],
  ])("is read: %j", (text, expected) => {
    expect(parseHttpAuth(text)).toEqual(expected);
  });

  it.each(["secret", "basic:*:secret", "digest:*:me:secret", "basic::me:secret", "basic:*::secret"])(
    "is refused without being shown: %s",
    (text) => {
      let failure: unknown;
      try {
        parseHttpAuth(text);
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(UserError);
      expect(String(failure) + (failure as UserError).hint).not.toContain("secret");
      expect(failure).toMatchObject({ hint: expect.stringContaining("HTTP_AUTH=basic:*:USER:PASSWORD") });
    },
  );
});

describe("a server that asks who we are", () => {
  function setUp({ auth = AUTH, challenge = 'Basic realm="packages"', redirect = "" } = {}) {
    const seen: [origin: string, authorization: string | undefined][] = [];
    const server: Transport = async ({ url, headers = {} }) => {
      seen.push([url.origin, headers.authorization]);
      const answer = (status: number, more = {}) => ({ status, headers: more, body: Buffer.alloc(0), url });
      if (url.origin !== ORIGIN) return answer(401, { "www-authenticate": 'Basic realm="packages"' });
      if (headers.authorization !== BASIC) return answer(401, { "www-authenticate": challenge });
      return redirect === "" ? answer(200) : answer(302, { location: redirect });
    };
    const transport = followRedirects(withHttpAuth(server, ORIGIN, auth));
    const get = async (url: string) => (await transport({ method: "GET", url: new URL(url) })).status;
    return { get, seen };
  }

  it("is told once it has asked, and then at once", async () => {
    const { get, seen } = setUp();
    expect(await get(`${ORIGIN}/a`)).toBe(200);
    expect(await get(`${ORIGIN}/b`)).toBe(200);
    expect(seen.map(([, authorization]) => authorization)).toEqual([undefined, BASIC, BASIC]);
  });

  it.each(["https://mirror.example/a", "http://mirror.example:8443/a", "https://other.example/a"])(
    "is the mirror and nobody else: %s",
    async (url) => {
      const { get, seen } = setUp();
      await get(`${ORIGIN}/a`);
      seen.length = 0;
      expect(await get(url)).toBe(401);
      expect(seen.map(([, authorization]) => authorization)).toEqual([undefined]);
    },
  );

  it("is not whoever the mirror sends us to", async () => {
    const { get, seen } = setUp({ redirect: "https://objects.example/x" });
    expect(await get(`${ORIGIN}/a`)).toBe(401);
    expect(seen.at(-1)).toEqual(["https://objects.example", undefined]);
  });

  it.each([
    ["another realm", { auth: { ...AUTH, realm: "other" } }],
    ["another scheme", { challenge: "Negotiate" }],
    ["no scheme", { challenge: "" }],
  ])("is not told where it asks with %s", async (_, options) => {
    const { get, seen } = setUp(options);
    expect(await get(`${ORIGIN}/a`)).toBe(401);
    expect(seen.map(([, authorization]) => authorization)).toEqual([undefined]);
  });
});
