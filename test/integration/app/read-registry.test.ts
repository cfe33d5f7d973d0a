import { describe, expect, it } from "vitest";
import { readContents } from "../../../scripts/app/read-registry.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { describeReason, ownReasons } from "../../../scripts/plan/reasons.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { FakeClock, fewRetries, startFakeRegistry } from "../../support/fake-registry.ts";
import { sampleTarget } from "../../support/sample-target.ts";

/** Nobody interrupts. */
const NEVER = new AbortController().signal;
const CREDENTIALS = { username: "me", password: "secret" };
const TARGETS = ["node", "lua", "fresh"].map((image) => sampleTarget({ image, name: `${image}:22` }));

/** A registry that hands a token to whoever knows the password, and refuses all of the repositories that are named. */
async function setUp({ refused, status = 403, password = "secret" }: Refusing) {
  const server = await startFakeRegistry();
  server.fault = ({ path, headers }) => {
    if (path.startsWith("/token")) {
      const isKnown = headers.authorization === `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
      return isKnown ? { status: 200, body: '{"token":"t"}' } : { status: 401 };
    }
    const challenge = `Bearer realm="http://${server.host}/token",service="s"`;
    if (headers.authorization !== "Bearer t")
      return { status: 401, headers: { "www-authenticate": challenge } };
    if (path === "/v2/") return { status: 200 };
    return refused.some((image) => path.startsWith(`/v2/base/${image}/`)) ? { status } : undefined;
  };
  const registry = new Registry(server.host, {
    credentials: async () => ({ source: "the test", credentials: CREDENTIALS }),
    retries: fewRetries,
    clock: new FakeClock(),
  });
  const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}');
  server.manifests.set("base/node:22", { bytes, mediaType: MEDIA_TYPE.index });
  const place = { registry, namespace: { registry: server.host, path: "base" }, signal: NEVER };
  return { place, digest: digestOf(bytes) };
}

interface Refusing {
  readonly refused: readonly string[];
  readonly status?: number;
  readonly password?: string;
}

describe("what a registry would not show (R5)", () => {
  it.each([401, 403])("ends nothing where it shows others: %i", async (status) => {
    const { place, digest } = await setUp({ refused: ["fresh"], status });
    const { published, refused } = await readContents(place, TARGETS);
    expect([...refused]).toEqual([["fresh:22", `HTTP ${status}`]]);
    expect(published.get("node:22")).toMatchObject({ digest });
    expect(published.get("lua:22")).toBeUndefined();
    expect(published.get("fresh:22")).toBeUndefined();
  });

  it("ends nothing where it is all there is, and the registry knows us", async () => {
    const { place } = await setUp({ refused: ["node", "lua", "fresh"] });
    expect((await readContents(place, TARGETS)).refused.size).toBe(3);
  });

  it("ends with who is refused, where the registry does not know us", async () => {
    const { place } = await setUp({ refused: [], password: "another" });
    await expect(readContents(place, TARGETS)).rejects.toMatchObject({
      isRefusal: true,
      message: expect.stringContaining("credentials: the test"),
    });
  });

  it("is due, with a reason of its own", () => {
    const [target = sampleTarget()] = TARGETS;
    const comparison = { target, inputs: {}, published: undefined, refused: "HTTP 403", asked: false };
    const { reasons } = ownReasons(comparison, "supported", new Date());
    expect(reasons.map((one) => describeReason(one))).toEqual([
      "cannot be read, perhaps not there yet (HTTP 403)",
    ]);
  });
});
