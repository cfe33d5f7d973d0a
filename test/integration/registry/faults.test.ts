import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { errorBody, type Fault, fewRetries, startPair } from "../../support/fake-registry.ts";

const BYTES = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const MANIFEST = { bytes: BYTES, mediaType: MEDIA_TYPE.index, digest: digestOf(BYTES) };

/** Does these in turn, then nothing out of the ordinary. */
function inTurn(...faults: Fault[]): () => Fault {
  return () => faults.shift();
}

describe("what fails in passing", () => {
  it.each<[string, Fault]>([
    ["a server error", { status: 503 }],
    ["a broken connection", "break"],
    ["a request that timed out", { status: 408 }],
  ])("is tried again, ever later: %s", async (_, fault) => {
    const { registry, server, clock } = await startPair();
    await registry.putManifest("a/b", "22", MANIFEST);
    server.fault = inTurn(fault, fault, fault);
    expect(await registry.getManifest("a/b", "22")).toEqual(MANIFEST);
    expect(clock.sleeps).toEqual([100, 200, 250]);
  });

  it("is given up after the last attempt, with the registry's own words", async () => {
    const { registry, server } = await startPair();
    server.fault = () => ({ status: 500, body: errorBody("UNKNOWN", "disk full") });
    const failure = registry.getManifest("a/b", "22");
    await expect(failure).rejects.toThrow(RegistryError);
    await expect(failure).rejects.toThrow(
      `${server.host}/a/b: could not read the manifest 22: HTTP 500 UNKNOWN disk full`,
    );
    expect(server.requests).toHaveLength(fewRetries.attempts);
  });

  it("waits as long as Retry-After says, in seconds or until a date", async () => {
    const { registry, server, clock } = await startPair();
    const date = new Date(clock.now() + 10_000).toUTCString();
    server.fault = inTurn(
      { status: 429, headers: { "retry-after": "7" } },
      { status: 429, headers: { "retry-after": date } },
    );
    expect(await registry.getManifest("a/b", "22")).toBeUndefined();
    expect(clock.sleeps).toEqual([7000, 3000]);
  });

  it("is not waited for when that would take too long", async () => {
    const { registry, server, clock } = await startPair();
    server.fault = () => ({
      status: 429,
      headers: { "retry-after": "21600" },
      body: errorBody("TOOMANYREQUESTS", "slow down"),
    });
    await expect(registry.getManifest("a/b", "22")).rejects.toMatchObject({
      status: 429,
      code: "TOOMANYREQUESTS",
    });
    expect(clock.sleeps).toEqual([]);
  });

  it("includes a registry that says nothing", async () => {
    const { registry, server } = await startPair({ idleTimeout: 50 });
    server.fault = inTurn("hang");
    expect(await registry.getManifest("a/b", "22")).toBeUndefined();
    server.fault = () => "hang";
    await expect(registry.getManifest("a/b", "22")).rejects.toThrow("no data came for 0.05 s");
  });

  it("does not include a refusal", async () => {
    const { registry, server } = await startPair();
    server.fault = () => ({ status: 403, body: errorBody("DENIED", "not yours") });
    const message = /HTTP 403 DENIED not yours\ncredentials: none, so anonymous/;
    await expect(registry.putManifest("a/b", "22", MANIFEST)).rejects.toThrow(message);
    expect(server.requests).toHaveLength(1);
  });

  it("shows the first words of a page that is no registry's", async () => {
    const { registry, server } = await startPair();
    server.fault = () => ({ status: 418, body: "<html><body><h1>Proxy</h1>\n<p>says no</p></body></html>" });
    await expect(registry.listTags("a/b")).rejects.toThrow("list the tags: HTTP 418 Proxy says no");
  });
});

describe("an aborted call", () => {
  it("ends at once, with the reason that was given", async () => {
    const { registry, server } = await startPair();
    const abort = new AbortController();
    server.fault = () => {
      abort.abort(new Error("enough"));
      return "hang";
    };
    await expect(registry.getManifest("a/b", "22", { signal: abort.signal })).rejects.toThrow("enough");
    expect(server.requests).toHaveLength(1);
    await expect(registry.getManifest("a/b", "22", { signal: abort.signal })).rejects.toThrow("enough");
    expect(server.requests).toHaveLength(1);
  });
});
