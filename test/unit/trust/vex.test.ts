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
        products: [
          {
            "@id": `pkg:oci/node@${digest("b")}?repository_url=ghcr.io%2Fbirds%2Fnode`,
            subcomponents: [{ "@id": "pkg:apk/alpine/libpq@17.5-r0" }],
          },
          {
            "@id": `pkg:oci/node@${digest("a")}?repository_url=ghcr.io%2Fbirds%2Fnode`,
            subcomponents: [{ "@id": "pkg:apk/alpine/libpq@17.5-r0?arch=aarch64" }],
          },
        ],
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

  it("calls what is inside a package as the scanner does, and the whole's platform by its architecture", () => {
    const purl = "pkg:npm/%40npmcli/fs@3.1.1?vcs_url=x#lib";
    const library = { package: "@npmcli/fs", version: "3.1.1", isAlpine: false };
    const idsOf = (one: LetThrough) =>
      documentOf([one]).statements[0]?.products?.map(({ "@id": id, subcomponents }) => [
        id?.replace(/.*@/, ""),
        subcomponents?.[0]?.["@id"],
      ]);
    const place = "repository_url=ghcr.io%2Fbirds%2Fnode";
    expect(idsOf(through({ ...library, purl }))).toEqual([
      [`${digest("b")}?${place}`, "pkg:npm/%40npmcli/fs@3.1.1"],
      [`${digest("a")}?arch=arm64&${place}`, "pkg:npm/%40npmcli/fs@3.1.1"],
    ]);
    expect(idsOf(through(library))?.[0]?.[1]).toBe("pkg:generic/%40npmcli%2Ffs@3.1.1");
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
