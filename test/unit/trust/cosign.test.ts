import { describe, expect, it } from "vitest";
import type { Signing } from "../../../scripts/model/signing.ts";
import {
  attestArgv,
  signArgv,
  signingFlags,
  verifyArgv,
  verifyAttestationArgv,
  verifyingFlags,
} from "../../../scripts/trust/cosign.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const IMAGE = { registry: "registry.example", repository: "base/node", digest: DIGEST };
const REFERENCE = `registry.example/base/node@${DIGEST}`;
const KEY: Signing = { kind: "key", key: "/a.key", log: false };
const LOGGED: Signing = { ...KEY, log: true };

const signing = (how: Signing) => signingFlags(how, { kind: "tags", flags: [] });
const verifying = (how: Signing) => verifyingFlags(how) ?? [];

describe("cosign's command lines", () => {
  it("sign with a key, without the public log", () => {
    expect(signArgv(signing(KEY), IMAGE, false).join(" ")).toBe(
      `cosign sign --yes --key /a.key --tlog-upload=false ${REFERENCE}`,
    );
    expect(signArgv(signing(LOGGED), IMAGE, true).join(" ")).toBe(
      `cosign sign --yes --key /a.key --tlog-upload=true --recursive ${REFERENCE}`,
    );
  });

  it("sign keyless", () => {
    expect(signArgv(signing({ kind: "keyless" }), IMAGE, false).join(" ")).toBe(
      `cosign sign --yes ${REFERENCE}`,
    );
  });

  it("ask whose services sign and record a bundle, where it is not the public Sigstore", () => {
    const sigstore = { signingConfig: "/services.json", trustedRoot: "/root.json" };
    const flags = "--signing-config /services.json --trusted-root /root.json";
    const bundle = (how: Signing, asked?: typeof sigstore) =>
      signingFlags(how, { kind: "bundle" }, asked).join(" ");
    expect(bundle(LOGGED)).toBe("--yes --key /a.key");
    expect(bundle(LOGGED, sigstore)).toBe(`--yes --key /a.key ${flags}`);
    expect(bundle({ kind: "keyless" }, sigstore)).toBe(`--yes ${flags}`);
    expect(verifying({ ...LOGGED, sigstore }).join(" ")).toBe(
      "--key env://BIRDHOUSE_COSIGN_PUBLIC_KEY --trusted-root /root.json",
    );
    const identity = { subject: "me@example.com", issuer: "https://issuer.example" };
    expect(verifying({ kind: "keyless", identity, sigstore }).slice(-2)).toEqual([
      "--trusted-root",
      "/root.json",
    ]);
  });

  it("attest by the type's own name, so that the document stays as it is", () => {
    expect(attestArgv(signing(KEY), IMAGE, "slsaprovenance1", true).join(" ")).toBe(
      `cosign attest --yes --key /a.key --tlog-upload=false --type https://slsa.dev/provenance/v1 --predicate - --replace ${REFERENCE}`,
    );
    expect(attestArgv(signing(KEY), IMAGE, "cyclonedx", false)).not.toContain("--replace");
  });

  it("verify with a key or an identity", () => {
    expect(verifyArgv(verifying(KEY), IMAGE).join(" ")).toBe(
      `cosign verify --key env://BIRDHOUSE_COSIGN_PUBLIC_KEY --insecure-ignore-tlog=true ${REFERENCE}`,
    );
    const identity = { subject: "me@example.com", issuer: "https://issuer.example" };
    expect(
      verifyAttestationArgv(verifying({ kind: "keyless", identity }), IMAGE, "cyclonedx").join(" "),
    ).toBe(
      `cosign verify-attestation --certificate-identity me@example.com --certificate-oidc-issuer https://issuer.example --type cyclonedx ${REFERENCE}`,
    );
  });

  it("have nothing to verify by where nobody said whose signatures are ours", () => {
    expect(verifyingFlags({ kind: "keyless" })).toBeUndefined();
  });

  it.each([
    ["127.0.0.1:5000", true],
    ["127.0.0.2:5000", true],
    ["localhost:5000", true],
    ["[::1]:5000", true],
    ["registry.example", false],
    ["10.0.0.1:5000", false],
    ["docker.io", false],
  ])("speak plain HTTP with %s: %s", (registry, plain) => {
    const argv = verifyArgv(verifying(LOGGED), { ...IMAGE, registry });
    expect(argv.includes("--allow-http-registry")).toBe(plain);
    expect(argv.join(" ")).not.toContain("insecure");
  });
});
