import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { openUpstream } from "../../../scripts/upstream/open.ts";
import { errorBody, FakeClock, startFakeRegistry } from "../../support/fake-registry.ts";
import { ourKey } from "../../support/signing-keys.ts";

const BYTES = Buffer.from("{}");

const key = ourKey();

async function open() {
  const server = await startFakeRegistry();
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-base-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, key.name), key.publicKey);
  const sources = { base: `${server.host}/library/alpine`, packages: "http://127.0.0.1:1", keys: directory };
  return { server, upstream: openUpstream({ sources, cache: directory, clock: new FakeClock() }) };
}

describe("the base image of a branch", () => {
  it("is what the branch's tag points at, asked for once", async () => {
    const { server, upstream } = await open();
    server.manifests.set("library/alpine:3.22", { bytes: BYTES, mediaType: "application/json" });
    expect(await Promise.all([upstream.base("3.22"), upstream.base("3.22")])).toEqual([
      { value: digestOf(BYTES) },
      { value: digestOf(BYTES) },
    ]);
    expect(server.log).toEqual(["HEAD /v2/library/alpine/manifests/3.22"]);
  });

  it("is undefined where the registry has none, and there for no platform", async () => {
    const { upstream } = await open();
    expect(await upstream.base("3.22")).toEqual({ value: undefined });
    expect(await upstream.basePlatforms("3.22")).toEqual({ value: [] });
  });

  it("is there for the platforms that its index names", async () => {
    const { server, upstream } = await open();
    const manifests = ["arm64", "s390x"].map((architecture) => ({
      ...{ mediaType: MEDIA_TYPE.manifest, digest: digestOf(BYTES), size: BYTES.length },
      platform: { os: "linux", architecture },
    }));
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests }));
    server.manifests.set("library/alpine:3.22", { bytes, mediaType: MEDIA_TYPE.index });
    expect(await upstream.basePlatforms("3.22")).toEqual({ value: ["linux/arm64"] });
  });

  it("is a problem of one line, in the registry's words, where it will not tell", async () => {
    const { server, upstream } = await open();
    server.fault = () => ({ status: 403, body: errorBody("DENIED", "too many\nrequests") });
    const answer = await upstream.base("3.22");
    expect(answer).toEqual({ problem: expect.stringMatching(/library\/alpine: could not .*HTTP 403/) });
    expect(JSON.stringify(answer)).not.toContain("\\n");
  });
});
