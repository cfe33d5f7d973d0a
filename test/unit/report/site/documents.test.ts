import { describe, expect, it } from "vitest";
import type { PlannedTarget } from "../../../../scripts/plan/plan.ts";
import { documentRows, verifyView } from "../../../../scripts/report/site/documents.ts";
import { imagesOf } from "../../../../scripts/report/site/images.ts";
import type { Site } from "../../../../scripts/report/site/site.ts";
import { sampleDigest, sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleRelease } from "../../../support/sample-target.ts";

const { runtime, dev } = sampleRelease();

describe("what can be downloaded of a target", () => {
  it("is told by platform, what is of all of them first", () => {
    const document = (title: string, bytes: number) => ({ title, path: `documents/${title}.json`, bytes });
    const manifest = (platform: string, title: string) => ({
      ...{ platform, digest: sampleDigest(1), config: undefined },
      documents: [document(title, 12_345)],
    });
    const target = sampleSiteTarget(
      runtime,
      {},
      {
        documents: [document("vex", 900)],
        manifests: [manifest("linux/amd64", "sbom"), manifest("linux/arm64", "sbom-arm")],
      },
    );
    const row = (platform: string, title: string, size: string) => ({
      ...{ name: "node:22", platform, title, href: `../documents/${title}.json`, size },
    });
    expect(documentRows(target)).toEqual([
      row("all platforms", "vex", "900 B"),
      row("linux/amd64", "sbom", "12.3 kB"),
      row("linux/arm64", "sbom-arm", "12.3 kB"),
    ]);
  });
});

function viewOf(verification: Site["verification"], changes: Partial<PlannedTarget> = {}) {
  const targets = [sampleSiteTarget(runtime, changes), sampleSiteTarget(dev)];
  const site = sampleSite({ verification, targets });
  const [image] = imagesOf(site);
  if (!image) throw new Error("the sample has an image");
  return verifyView(site, image.shown);
}

const BY_UNKNOWN_KEY = { kind: "key", publicKey: undefined, log: true } as const;
const BY_NOBODY = { kind: "keyless", subject: undefined, issuer: undefined } as const;

const REFERENCE = `registry.example/base/node:22@${sampleDigest(3)}`;

function commandsWith(flags: string, reference = REFERENCE): string[] {
  return [
    `cosign verify ${flags} ${reference}`,
    `cosign verify-attestation ${flags} --type slsaprovenance1 ${reference}`,
    `cosign verify-attestation ${flags} --type cyclonedx ${reference}`,
  ];
}

describe("how a signature is verified", () => {
  it("is not at all where nothing is signed", () => {
    expect(viewOf(undefined)).toEqual({
      says: "The catalog's images are not signed, so there is nothing to verify.",
      commands: [],
    });
  });

  it("is by the key, which is there to be saved, with the log or without one", () => {
    const key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----";
    expect(viewOf({ kind: "key", publicKey: `${key}\n`, log: false })).toEqual({
      says: "Signed with a key. This is its public part: save it as cosign.pub.",
      commands: commandsWith("--key cosign.pub --insecure-ignore-tlog=true"),
      ...{ key, keyHref: "../cosign.pub" },
    });
    const logged = viewOf({ kind: "key", publicKey: key, log: true, trustedRoot: "{}" });
    expect(logged).toMatchObject({
      commands: commandsWith("--key cosign.pub --trusted-root trusted_root.json"),
      rootHref: "../trusted_root.json",
    });
  });

  it("says whom to ask for a key that is not beside it", () => {
    expect(viewOf(BY_UNKNOWN_KEY)).toEqual({
      says: "Signed with a key, whose public part is not here: ask the maintainer for cosign.pub.",
      commands: commandsWith("--key cosign.pub"),
    });
  });

  it("is by who ran the build where there is no key, and says what the catalog does not", () => {
    const who = { subject: "me@example.com", issuer: "https://issuer.example" };
    const flags = "--certificate-identity me@example.com --certificate-oidc-issuer https://issuer.example";
    expect(viewOf({ kind: "keyless", ...who, trustedRoot: "{}" })).toEqual({
      says: "Signed without a key, with a certificate for who ran the build.",
      commands: commandsWith(`${flags} --trusted-root trusted_root.json`),
      rootHref: "../trusted_root.json",
    });
    const unknown =
      "Signed without a key. The catalog does not say who signs: replace the words in capitals.";
    const words = "--certificate-identity IDENTITY --certificate-oidc-issuer ISSUER";
    expect(viewOf(BY_NOBODY)).toEqual({ says: unknown, commands: commandsWith(words) });
    expect(viewOf({ ...BY_NOBODY, subject: "me@example.com" }).says).toBe(unknown);
    expect(viewOf({ ...BY_NOBODY, issuer: "https://issuer.example" }).says).toBe(unknown);
  });

  it("is by the tag of what is not published", () => {
    expect(viewOf(BY_UNKNOWN_KEY, { published: undefined }).commands).toEqual(
      commandsWith("--key cosign.pub", "registry.example/base/node:22"),
    );
  });
});
