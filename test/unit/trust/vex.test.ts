import { describe, expect, it } from "vitest";
import type { GateException, LetThrough } from "../../../scripts/model/gate.ts";
import { vexDocument } from "../../../scripts/trust/vex.ts";
import { openVexSchema } from "../../support/openvex.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "../report/sample-outcomes.ts";

const built = {
  target: sampleTarget(),
  index: { mediaType: "x", digest: digest("a"), size: 1 },
};
const platform = {
  platform: "linux/arm64",
  manifest: { mediaType: "x", digest: digest("b"), size: 1 },
  installed: [],
} as const;
const exception = { id: "CVE-2026-1", reason: "Only the server.", until: "2027-01-01" };
const through = (changes: Partial<LetThrough> = {}, more: Partial<GateException> = {}): LetThrough => ({
  ...{ target: "node:22", platform: "linux/arm64", id: "CVE-2026-1", aliases: [] },
  ...{ package: "libpq", version: "17.5-r0", isAlpine: true, exception: { ...exception, ...more } },
  ...changes,
});
const speaker = { registry: "ghcr.io/birds", at: new Date("2026-11-29T03:00:00Z") };
const documentOf = (those: readonly LetThrough[], at = speaker.at) =>
  openVexSchema.parse(JSON.parse(vexDocument(built, platform, those, { ...speaker, at }) ?? "null"));
const NOT_AFFECTED = { status: "not_affected", justification: "vulnerable_code_not_present" } as const;

describe("vexDocument", () => {
  it("says of what is borne that the image is affected, with the reason and its end", () => {
    const { statements, ...rest } = documentOf([through()]);
    expect(statements).toEqual([
      {
        vulnerability: { name: "CVE-2026-1" },
        products: [digest("b"), digest("a")].map((one) => ({
          "@id": `pkg:oci/node@${one}?arch=arm64&repository_url=ghcr.io%2Fbirds%2Fnode`,
          subcomponents: [{ "@id": "pkg:apk/alpine/libpq@17.5-r0" }],
        })),
        status: "affected",
        action_statement: "Accepted until 2027-01-01: Only the server.",
      },
    ]);
    expect(rest).toMatchObject({ author: "ghcr.io/birds", timestamp: "2026-11-29T03:00:00.000Z" });
  });

  it("says of what does not touch the image why, in the standard's word, and the reason beside it", () => {
    const [statement] = documentOf([through({ aliases: ["GHSA-1"] }, NOT_AFFECTED)]).statements;
    expect(statement).toMatchObject({
      ...{ ...NOT_AFFECTED, status_notes: "Only the server." },
      vulnerability: { name: "CVE-2026-1", aliases: ["GHSA-1"] },
    });
    expect(statement?.action_statement).toBeUndefined();
  });

  it("does not call Alpine's what is inside a package", () => {
    const [statement] = documentOf([through({ package: "@npmcli/fs", isAlpine: false })]).statements;
    expect(statement?.products?.[0]?.subcomponents).toEqual([
      { "@id": "pkg:generic/%40npmcli%2Ffs@17.5-r0" },
    ]);
  });

  it("tells of its own platform and target only, and is none where nothing was let through", () => {
    const others = [through({ platform: "linux/amd64" }), through({ target: "node:22-dev" })];
    expect(vexDocument(built, platform, others, speaker)).toBeUndefined();
  });

  it("has the same name whenever it says the same", () => {
    const first = documentOf([through()]);
    expect(documentOf([through()], new Date("2027-01-01T00:00:00Z"))["@id"]).toBe(first["@id"]);
    expect(documentOf([through({}, NOT_AFFECTED)])["@id"]).not.toBe(first["@id"]);
  });

  it("keeps what somebody wrote to be obeyed as text", () => {
    const hostile = 'a\u001b[2J"</script>';
    const [statement] = documentOf([through({ id: hostile }, { reason: hostile })]).statements;
    expect(statement?.vulnerability.name).toBe(hostile);
  });
});
