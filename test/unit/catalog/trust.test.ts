import { join, resolve } from "node:path";
import { describe, expect, it, test } from "vitest";
import { loadCatalog, parseCatalog } from "../../../scripts/catalog/load.ts";
import { type Signing, signingFrom } from "../../../scripts/model/signing.ts";
import { catalogFolder } from "./catalog-folder.ts";
import { brokenCatalog, expectMistake, type Mistake } from "./good-catalog.ts";

/** The good catalog with a block in its fifth line and below. */
const withBlock = (block: string) => brokenCatalog(["defaults:", `${block}\ndefaults:`]);
const read = (block: string) => parseCatalog("catalogs/catalog.yaml", withBlock(block));

describe("sign", () => {
  test.each<[block: string, signing: Signing]>([
    ["sign: { key: cosign.key }", { kind: "key", key: resolve("catalogs/cosign.key"), log: false }],
    ["sign: { key: /keys/a.key, log: true }", { kind: "key", key: "/keys/a.key", log: true }],
    ['sign: { key: "env://SECRET" }', { kind: "key", key: "env://SECRET", log: false }],
    ['sign: { key: "awskms:///alias/a" }', { kind: "key", key: "awskms:///alias/a", log: false }],
    ["sign: { keyless: true }", { kind: "keyless" }],
    ["sign: { keyless: true, bundle: true }", { kind: "keyless" }],
    ["sign: { key: /a.key, bundle: false }", { kind: "key", key: "/a.key", log: false, bundle: false }],
    [
      "sign: { key: /a.key, log: true, sigstore: { signingConfig: s.json, trustedRoot: /r.json } }",
      {
        ...{ kind: "key", key: "/a.key", log: true },
        sigstore: { signingConfig: resolve("catalogs/s.json"), trustedRoot: "/r.json" },
      },
    ],
    [
      "sign: { keyless: true, identity: me@example.com, issuer: https://issuer.example }",
      { kind: "keyless", identity: { subject: "me@example.com", issuer: "https://issuer.example" } },
    ],
  ])("%s", (block, signing) => {
    expect(read(block).sign).toEqual(signing);
  });

  const KEY = 'expected a key as "cosign.key", "env://VARIABLE" or "awskms://…"';
  test.each<[block: string, said: string]>([
    ["sign: {}", "sign: expected either key or keyless: true"],
    ["sign: { key: a, keyless: true }", "sign: expected either key or keyless: true"],
    ["sign: { keyless: false }", "keyless: expected true, found false"],
    ["sign: { key: a, identity: b, issuer: c }", "identity and issuer are for keyless signatures"],
    ["sign: { keyless: true, issuer: c }", "set both identity and issuer, or neither"],
    ["sign: { keyless: true, sigstore: { signingConfig: a } }", "trustedRoot"],
    [
      "sign: { key: a, sigstore: { signingConfig: a, trustedRoot: b } }",
      "a key asks a Sigstore only to record signatures; add log: true, or remove sigstore",
    ],
    [
      "sign: { keyless: true, bundle: false, sigstore: { signingConfig: a, trustedRoot: b } }",
      "cosign 2 knows of no Sigstore but the public one; remove bundle: false, or sigstore",
    ],
    ["sign: { keyless: true, log: false }", "keyless signatures are always in the log; remove log"],
    ['sign: { key: "env:A" }', `key: ${KEY}, found "env:A" (env:// and the name of an environment variable)`],
    [
      'sign: { key: "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----" }',
      "(never the key itself: a catalog is read by everyone)",
    ],
  ])("%s is refused", (block, said) => {
    expect(() => read(block)).toThrow(said);
  });

  it("the option stands instead of the catalog, and takes over what it does not say itself", () => {
    const key: Signing = { kind: "key", key: "/a.key", log: true };
    const keyless: Signing = { kind: "keyless", identity: { subject: "me", issuer: "https://x" } };
    expect(signingFrom("off", key)).toBeUndefined();
    expect(signingFrom("keyless", key)).toEqual({ kind: "keyless" });
    expect(signingFrom("keyless", keyless)).toEqual(keyless);
    expect(signingFrom("b.key", key)).toEqual({ kind: "key", key: resolve("b.key"), log: true });
    expect(signingFrom("env://B", keyless)).toEqual({ kind: "key", key: "env://B", log: false });
    expect(signingFrom("pkcs11:token=a", undefined)).toMatchObject({ key: "pkcs11:token=a" });
    const sigstore = { signingConfig: "/s.json", trustedRoot: "/r.json" };
    expect(signingFrom("keyless", { ...key, sigstore })).toEqual({ kind: "keyless", sigstore });
    expect(signingFrom("/b.key", { ...key, sigstore })).toMatchObject({ log: true, sigstore });
    // A key that is in no log asks no Sigstore.
    expect(signingFrom("/b.key", { ...keyless, sigstore })).toEqual({
      kind: "key",
      key: "/b.key",
      log: false,
    });
    expect(signingFrom("/b.key", { ...keyless, bundle: false })).toMatchObject({ bundle: false });
  });
});

describe("gate", () => {
  it("stops at high with whichever scanner there is, unless it says otherwise", () => {
    const defaults = { scanner: "auto", severity: "high", required: false, exceptions: [] };
    expect(read("gate: {}").gate).toEqual(defaults);
    const said = "gate: { scanner: grype, severity: low, required: true }";
    expect(read(said).gate).toEqual({ ...defaults, scanner: "grype", severity: "low", required: true });
    expect(read("policy: {}").gate).toBeUndefined();
  });

  it("has exceptions", () => {
    const exception = { id: "CVE-2025-1", image: "node", reason: "Not reached.", until: "2027-01-01" };
    expect(read(`gate: { exceptions: [${JSON.stringify(exception)}] }`).gate?.exceptions).toEqual([
      exception,
    ]);
  });

  it("says of an exception whether the image is touched at all", () => {
    const standing = { status: "not_affected", justification: "vulnerable_code_not_present" };
    const exception = { id: "CVE-2025-1", reason: "Not reached.", until: "2027-01-01", ...standing };
    expect(read(`gate: { exceptions: [${JSON.stringify(exception)}] }`).gate?.exceptions).toEqual([
      exception,
    ]);
  });

  const at = (items: string) => `gate:\n  exceptions:\n${items}\ndefaults:`;
  test.each<Mistake>([
    [
      "defaults:",
      at("    - { id: CVE-2025-1 }"),
      "9:7: exceptions[0]: reason, until are missing; say why the vulnerability may stand, and say until which day, as in until: 2027-05-01",
    ],
    [
      "defaults:",
      at("    - { id: CVE-2025-1, reason: x }"),
      "9:7: exceptions[0]: until is missing; say until which day, as in until: 2027-05-01",
    ],
    [
      "defaults:",
      at('    - { id: CVE-2025-1, reason: " ", until: 2027-01-01 }'),
      "9:33: reason: expected a sentence, found nothing",
    ],
    [
      "defaults:",
      at("    - { id: CVE-2025-1, reason: x, until: 2027-01-32 }"),
      '9:43: until: expected a date such as "2027-05-01", found "2027-01-32"',
    ],
    [
      "defaults:",
      at("    - { id: cve-2025-1, reason: x, until: 2027-01-01 }"),
      '9:13: id: expected a vulnerability such as "CVE-2024-9143", found "cve-2025-1" (its first letters are capitals)',
    ],
    [
      "defaults:",
      at("    - { id: CVE-2025-1, reason: x, until: 2027-01-01, status: not_affected }"),
      "9:7: exceptions[0]: status: not_affected and a justification go together: set both, or neither",
    ],
    [
      "defaults:",
      at("    - { id: CVE-2025-1, image: nodes, reason: x, until: 2027-01-01 }"),
      '9:25: nodes: there is no image "nodes" in this catalog; did you mean "node"?',
    ],
    [
      "defaults:",
      "gate: { severity: hihg }\ndefaults:",
      '7:19: severity: expected critical or high or medium or low, found "hihg"; did you mean "high"?',
    ],
  ])("%j → %j", expectMistake);
});

describe("promote", () => {
  const HOUR = 3_600_000;

  it("waits for nothing and scans nothing, unless it says otherwise", () => {
    expect(read("policy: {}").promote).toBeUndefined();
    expect(read("promote: {}").promote).toEqual({ soak: 0, scan: false });
    expect(read("promote: { soak: 24h }").promote).toEqual({ soak: 24 * HOUR, scan: false });
    expect(read("promote: { soak: 1w, scan: true }").promote).toEqual({ soak: 168 * HOUR, scan: true });
  });

  test.each<Mistake>([
    [
      "defaults:",
      "promote: { soak: 24 }\ndefaults:",
      '7:18: soak: expected a time such as "24h", "3d" or "1w", found "24" (the unit is missing: h, d or w)',
    ],
    ["defaults:", "promote: { soak: 500d }\ndefaults:", "7:18: soak: expected a year at most"],
    [
      "defaults:",
      "promote: { soack: 24h }\ndefaults:",
      '7:12: soack: unknown key, expected one of soak, scan; did you mean "soak"?',
    ],
  ])("%j → %j", expectMistake);
});

describe("runners", () => {
  it("say on which machine a platform is made", () => {
    const said = "runners: { linux/amd64: ubuntu-latest, linux/arm64: emulated }";
    expect(read(said).runners).toEqual({ "linux/amd64": "ubuntu-latest", "linux/arm64": "emulated" });
    expect(read("policy: {}").runners).toBeUndefined();
  });

  test.each<Mistake>([
    [
      "defaults:",
      "runners: { linux/amd64: ubuntu-latest, linux/arm64: a b }\ndefaults:",
      '7:53: linux/arm64: expected the label of a machine such as "ubuntu-24.04-arm", found "a b"',
    ],
    [
      "defaults:",
      "runners: { linux/amd64: emulated, linux/arm64: emulated }\ndefaults:",
      "7:10: runners: expected a machine, not only emulators",
    ],
    [
      "defaults:",
      "runners: { linux/arm64: arm }\ndefaults:",
      "7:1: runners: no machine for linux/amd64: add it, or take it out of platforms",
    ],
  ])("%j → %j", expectMistake);
});

it("a catalog that extends another takes over all of it, unless it has its own", async () => {
  const folder = await catalogFolder({
    "catalog.yaml": withBlock("sign: { key: cosign.key }\ngate: { severity: low }\npromote: { scan: true }"),
    "team/catalog.yaml": "extends: ../catalog.yaml\nimages: { node: { extends: node } }\n",
    "own/catalog.yaml":
      "extends: ../catalog.yaml\nsign: { key: own.key }\ngate: {}\nimages: { node: { extends: node } }\n",
  });
  const team = await loadCatalog(join(folder, "team/catalog.yaml"));
  expect(team.sign).toMatchObject({ key: join(folder, "cosign.key") });
  expect(team.gate?.severity).toBe("low");
  expect(team.promote?.scan).toBe(true);
  const own = await loadCatalog(join(folder, "own/catalog.yaml"));
  expect(own.sign).toMatchObject({ key: join(folder, "own/own.key") });
  expect(own.gate?.severity).toBe("high");
});
