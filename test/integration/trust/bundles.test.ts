import { existsSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import type { RepositoryPlace } from "../../../scripts/registry/client.ts";
import { indexContent } from "../../../scripts/registry/push.ts";
import { attach, readAttachment, referrersOf, referrersTag } from "../../../scripts/registry/referrers.ts";
import { hasSignatureBundle, takeBack } from "../../../scripts/trust/bundles.ts";
import { openSigner } from "../../../scripts/trust/sign.ts";
import { OPENVEX } from "../../../scripts/trust/vex.ts";
import { FakeCosign } from "../../support/fake-cosign.ts";
import { startPair } from "../../support/fake-registry.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const BYTES = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const SUBJECT = { mediaType: MEDIA_TYPE.index, digest: digestOf(BYTES), size: BYTES.length };
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIGNATURE = "https://sigstore.dev/cosign/sign/v1";

let place: RepositoryPlace;
let layout: OciLayout;

beforeEach(async () => {
  place = { registry: (await startPair()).registry, repository: "base/node" };
  await place.registry.putManifest(place.repository, SUBJECT.digest, { ...SUBJECT, bytes: BYTES });
  layout = await OciLayout.create(await temporaryDirectory());
});

/** Attaches a bundle as cosign 3 does, which lists it by the type of its configuration and without annotations. */
async function attachBundle(predicateType: string, content: string): Promise<void> {
  const annotations = { "dev.sigstore.bundle.predicateType": predicateType };
  await attach(place, { subject: SUBJECT, mediaType: BUNDLE, content, annotations }, layout);
  const listed = await referrersOf(place, SUBJECT.digest);
  const manifests = listed.map(({ mediaType, digest, size, artifactType }) => ({
    ...{ mediaType, digest, size },
    artifactType: artifactType === BUNDLE ? "application/vnd.oci.empty.v1+json" : artifactType,
  }));
  const list = indexContent({ manifests: manifests as Descriptor[] });
  await place.registry.putManifest(place.repository, referrersTag(SUBJECT.digest), list);
}

const bundle = (payload: string) => JSON.stringify({ dsseEnvelope: { payload } });
const listed = () => referrersOf(place, SUBJECT.digest);
const texts = async () =>
  (await Promise.all((await listed()).map((one) => readAttachment(place, one)))).toSorted();

describe("a signature among what is attached", () => {
  it("is a bundle that says so, and no other", async () => {
    expect(await hasSignatureBundle(place, await listed())).toBe(false);
    await attach(place, { subject: SUBJECT, mediaType: "application/spdx+json", content: "{}" }, layout);
    await attachBundle(OPENVEX, bundle("dmV4"));
    expect(await hasSignatureBundle(place, await listed())).toBe(false);
    await attachBundle(SIGNATURE, bundle("c2ln"));
    expect(await hasSignatureBundle(place, await listed())).toBe(true);
  });

  it("is looked for among whatever anybody attached", async () => {
    // An index, text that is no JSON, and a manifest without layers, none of which says what it is.
    const strange = ['{"schemaVersion":2,"manifests":[]}', "{", '{"schemaVersion":2,"layers":7}'];
    const manifests = [];
    for (const [index, text] of strange.entries()) {
      const bytes = Buffer.from(`${text}${" ".repeat(index)}`);
      const one = { mediaType: MEDIA_TYPE.index, digest: digestOf(bytes), size: bytes.length };
      await place.registry.putManifest(place.repository, one.digest, { ...one, bytes });
      manifests.push(one);
    }
    const list = indexContent({ manifests });
    await place.registry.putManifest(place.repository, referrersTag(SUBJECT.digest), list);
    expect(await listed()).toEqual(manifests);
    expect(await hasSignatureBundle(place, await listed())).toBe(false);
    await attachBundle(OPENVEX, "no JSON");
    await attachBundle(OPENVEX, bundle("b2xk"));
    await takeBack(place, SUBJECT.digest, OPENVEX, ["b2xk"]);
    const left = (await listed()).filter(({ artifactType }) => artifactType !== undefined);
    expect(await Promise.all(left.map((one) => readAttachment(place, one)))).toEqual(["no JSON"]);
    expect(await listed()).toHaveLength(manifests.length + 1);
  });

  it("is known by a registry's own list, where that tells of annotations", async () => {
    const of = (type: string) => ({
      ...{ mediaType: MEDIA_TYPE.manifest, digest: SUBJECT.digest, size: 1, artifactType: BUNDLE },
      annotations: { "dev.sigstore.bundle.predicateType": type },
    });
    expect(await hasSignatureBundle(place, [of(OPENVEX)])).toBe(false);
    expect(await hasSignatureBundle(place, [of(OPENVEX), of(SIGNATURE)])).toBe(true);
  });
});

describe("what is true no longer", () => {
  it("is taken back by what it says, and nothing else with it", async () => {
    for (const payload of ["b2xk", "bmV3", "b3RoZXI="]) await attachBundle(OPENVEX, bundle(payload));
    // The same words about something else, and a list of contents.
    await attachBundle(SIGNATURE, bundle("b2xk"));
    await attach(place, { subject: SUBJECT, mediaType: "application/spdx+json", content: "{}" }, layout);
    await takeBack(place, SUBJECT.digest, OPENVEX, ["b2xk"]);
    expect(await texts()).toEqual(
      [...["b2xk", "bmV3", "b3RoZXI="].map((one) => bundle(one)), "{}"].toSorted(),
    );
  });

  it.each(["{", '{"schemaVersion":2,"layers":7}'])(
    "is taken back though another list entry leads to what is no bundle: %s",
    async (text) => {
      await attachBundle(OPENVEX, bundle("b2xk"));
      const bytes = Buffer.from(text);
      const strange = { mediaType: MEDIA_TYPE.manifest, digest: digestOf(bytes), size: bytes.length };
      await place.registry.putManifest(place.repository, strange.digest, { ...strange, bytes });
      const annotations = { "dev.sigstore.bundle.predicateType": OPENVEX };
      const manifests = [{ ...strange, artifactType: BUNDLE, annotations }, ...(await listed())];
      const list = indexContent({ manifests });
      await place.registry.putManifest(place.repository, referrersTag(SUBJECT.digest), list);
      await takeBack(place, SUBJECT.digest, OPENVEX, ["b2xk"]);
      expect((await listed()).map(({ digest }) => digest)).toEqual([strange.digest]);
    },
  );

  it("is not looked for where there is none", async () => {
    const { server, registry } = await startPair();
    await takeBack({ registry, repository: "base/node" }, SUBJECT.digest, OPENVEX, []);
    expect(server.requests).toEqual([]);
  });
});

describe("a signer with cosign 3", () => {
  const vex = (statement: string, timestamp = "today") => ({
    type: "openvex" as const,
    document: JSON.stringify({ statement, timestamp }),
  });
  const image = (...attestations: ReturnType<typeof vex>[]) => ({
    ...{ place, digest: SUBJECT.digest, attestations },
    manifests: [SUBJECT.digest],
  });
  /** The payloads that are attached, as text. */
  const said = async () =>
    (await texts()).map((text) => {
      const { dsseEnvelope } = JSON.parse(text ?? "") as { dsseEnvelope: { payload: string } };
      const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, "base64").toString()) as {
        predicate: { statement: string };
      };
      return statement.predicate.statement;
    });

  it("says what is new, leaves what is said, and takes back what it said before", async () => {
    const cosign = new FakeCosign(3);
    cosign.attached = (_, type, content) => attachBundle(type, content);
    const signer = await openSigner({ kind: "key", key: "/a.key", log: false }, { run: cosign.run });
    await signer.sign(image(vex("one"), vex("two")));
    expect((await said()).toSorted()).toEqual(["one", "two"]);
    const before = cosign.sent.length;
    await signer.sign(image(vex("one", "tomorrow"), vex("two", "tomorrow")));
    expect(cosign.sent).toHaveLength(before);
    await signer.sign(image(vex("one"), vex("three")));
    expect(cosign.sent.slice(before)).toEqual([`attest ${SUBJECT.digest[7]} ${OPENVEX}`]);
    expect((await said()).toSorted()).toEqual(["one", "three"]);
  });

  it("leaves what others say of the same", async () => {
    const theirs = Buffer.from(JSON.stringify({ predicate: { statement: "theirs" } })).toString("base64");
    await attachBundle(OPENVEX, bundle(theirs));
    const cosign = new FakeCosign(3);
    cosign.attached = (_, type, content) => attachBundle(type, content);
    const signer = await openSigner({ kind: "key", key: "/a.key", log: false }, { run: cosign.run });
    await signer.sign(image(vex("one")));
    await signer.sign(image(vex("two")));
    expect((await said()).toSorted()).toEqual(["theirs", "two"]);
  });

  it("asks nobody with a key alone, by files that are there while cosign runs", async () => {
    const cosign = new FakeCosign(3);
    const files = new Map<string, string>();
    cosign.answer = (argv) => {
      for (const flag of ["--signing-config", "--trusted-root"]) {
        const path = argv[argv.indexOf(flag) + 1] ?? "";
        if (argv.includes(flag) && !argv.includes("--help")) files.set(path, readFileSync(path, "utf8"));
      }
      return undefined;
    };
    const signer = await openSigner({ kind: "key", key: "/a.key", log: false }, { run: cosign.run });
    await signer.sign(image(vex("one")));
    expect([...files.values()]).toHaveLength(4);
    for (const [path, text] of files) {
      expect((JSON.parse(text) as { mediaType: string }).mediaType).toMatch(
        /sigstore\.(?:signingconfig|trustedroot)/,
      );
      expect(existsSync(path)).toBe(false);
    }
  });
});
