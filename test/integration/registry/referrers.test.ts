import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { attach, readAttachment, referrersOf, referrersTag } from "../../../scripts/registry/referrers.ts";
import { startPair } from "../../support/fake-registry.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";
const BYTES = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const SUBJECT = { mediaType: MEDIA_TYPE.index, digest: digestOf(BYTES), size: BYTES.length };

async function setUp() {
  const pair = await startPair();
  await pair.registry.putManifest(REPOSITORY, SUBJECT.digest, { ...SUBJECT, bytes: BYTES });
  const layout = await OciLayout.create(await temporaryDirectory());
  const put = (content: string) =>
    attach(
      { ...pair, repository: REPOSITORY },
      { subject: SUBJECT, mediaType: "text/plain", content },
      layout,
    );
  return { ...pair, put };
}

describe("what is attached", () => {
  it("is found under a tag where the registry keeps no lists, beside what others attached", async () => {
    const { registry, put } = await setUp();
    expect(await referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest)).toEqual([]);
    expect(await put("one")).toBeGreaterThan(0);
    await put("two");
    const list = await registry.headManifest(REPOSITORY, referrersTag(SUBJECT.digest));
    const found = await referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest);
    expect(found.map(({ artifactType }) => artifactType)).toEqual(["text/plain", "text/plain"]);
    const texts = found.map((listed) => readAttachment({ registry, repository: REPOSITORY }, listed));
    expect((await Promise.all(texts)).toSorted()).toEqual(["one", "two"]);
    const other = await setUp();
    for (const text of ["two", "one"]) await other.put(text);
    const otherList = await other.registry.headManifest(REPOSITORY, referrersTag(SUBJECT.digest));
    expect(otherList?.digest).toBe(list?.digest);
  });

  it.each([
    ["the type of its configuration", { artifactType: "application/vnd.oci.empty.v1+json" }],
    ["no type", {}],
  ])("says itself what it is, where a registry's list says %s", async (_, more) => {
    const { registry, server, put } = await setUp();
    await put("one");
    const place = { registry, repository: REPOSITORY };
    const [{ artifactType, ...entry }] = (await referrersOf(place, SUBJECT.digest)) as [Descriptor];
    expect(artifactType).toBe("text/plain");
    const body = JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, ...more }] });
    server.fault = ({ path }) =>
      path.includes("/referrers/")
        ? { status: 200, headers: { "content-type": MEDIA_TYPE.index }, body }
        : undefined;
    expect(await referrersOf(place, SUBJECT.digest)).toEqual([{ ...entry, artifactType }]);
  });

  it("is not sent twice", async () => {
    const { server, put } = await setUp();
    await put("one");
    const before = server.requests.length;
    expect(await put("one")).toBe(0);
    const methods = server.requests.slice(before).map(({ method }) => method);
    expect(methods.filter((method) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });

  it("is left to the registry that keeps lists itself", async () => {
    const { registry, server, put } = await setUp();
    server.fault = ({ path }) =>
      path.includes("/referrers/")
        ? {
            status: 200,
            headers: { "content-type": MEDIA_TYPE.index },
            body: '{"schemaVersion":2,"manifests":[]}',
          }
        : undefined;
    await put("one");
    expect(await registry.headManifest(REPOSITORY, referrersTag(SUBJECT.digest))).toBeUndefined();
  });
});
