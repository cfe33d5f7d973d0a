import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../../scripts/model/ledger.ts";
import { type Affected, affectedJson, affectedText } from "../../../scripts/report/affected.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "./sample-outcomes.ts";

/** Who holds CVE-2026-1 and who held it, with some of everything that there is to tell, for people and for scripts. */

const HOLDS = [
  { name: "CVE-2026-1", package: "tar", installed: "1-r0", fixed: "1-r1", platforms: ["linux/amd64"] },
];
const image = (letter: string, day: string, holds: typeof HOLDS | undefined) => ({
  digest: digest(letter),
  created: new Date(`${day}T03:10:00Z`),
  holds,
});
const entry = (changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ id: "CVE-2026-1", package: "zip", installed: "2-r0", platforms: ["linux/amd64"], sources: ["grype"] },
  firstSeen: "2026-11-25T02:11:00.000Z",
  ...changes,
});
const exception = { kind: "not_affected", reason: "No shell.", until: "2027-01-01" } as const;

const AFFECTED: Affected = {
  name: "CVE-2026-1",
  fixes: new Map([
    ["3.21", new Map([["tar", [["1-r1", ["CVE-2026-1"]]]]])],
    ["3.22", new Map([["tar", [["1-r2", ["CVE-2026-1"]]]]])],
  ]),
  targets: [
    {
      // Somebody else moved the tag back to the older of two images: since when it is free of it has no answer.
      ...{
        target: sampleTarget(),
        now: digest("b"),
        unfixed: [entry(), entry({ exception, severity: "high" })],
      },
      images: [image("a", "2026-11-22", []), image("b", "2026-11-20", HOLDS)],
    },
    {
      // Of the one between nobody knows, so that it cannot be called free.
      ...{ target: sampleTarget({ version: "24" }), now: digest("c") },
      images: [
        image("c", "2026-11-22", []),
        image("d", "2026-11-21", undefined),
        image("e", "2026-11-20", HOLDS),
      ],
    },
    {
      // The newest image holds it, and the tag points at none of those that are known.
      ...{ target: sampleTarget({ version: "20" }), now: digest("9") },
      images: [image("f", "2026-11-20", HOLDS), image("0", "2026-11-19", [])],
    },
    { target: sampleTarget({ version: "18" }), now: undefined, images: [] },
    { target: sampleTarget({ version: "16" }), now: undefined, images: [], problem: "HTTP 500:\nno answer" },
    { target: sampleTarget({ version: "14" }), now: undefined, images: [], problem: "HTTP 403" },
    {
      ...{ target: sampleTarget({ version: "12" }), now: undefined },
      images: [image("1", "2026-11-20", HOLDS)],
    },
  ],
  unknown: ["the fixes of 3.20", "the fixes of 3.23"],
};

const lines = (text: string) => text.split("\n").map((line) => line.trimEnd());

describe("affectedText", () => {
  it("tells who holds it, what the last scan found, and what nobody could find out", () => {
    expect(lines(affectedText(AFFECTED))).toEqual([
      "CVE-2026-1 is fixed in:",
      "Alpine 3.21: tar 1-r1",
      "Alpine 3.22: tar 1-r2",
      "",
      "TARGET   NOW                          HELD BY",
      "node:22  holds it: tar 1-r0           sha256:bbbbbbbbbbbb",
      "node:24  free of it since 2026-11-22  sha256:eeeeeeeeeeee",
      "node:20  nobody knows                 sha256:ffffffffffff",
      "node:12  not published                sha256:111111111111",
      "",
      "BY THE LAST SCAN, UNFIXED  IN        SINCE       EXCEPTION",
      "node:22                    zip 2-r0  2026-11-25  -",
      "node:22                    zip 2-r0  2026-11-25  not affected until 2027-01-01",
      "",
      "✖ node:16: could not be read: HTTP 500: no answer",
      "✖ node:14: could not be read: HTTP 403",
      "",
      "Could not be found out:",
      "the fixes of 3.20",
      "the fixes of 3.23",
      "",
      "1 of 7 tags hold it now. Of 1 nobody knows: they do not tell what is installed.",
    ]);
  });

  it("calls no image free of which nobody knows", () => {
    const nowOf = (...images: readonly ReturnType<typeof image>[]) => {
      const target = { target: sampleTarget(), now: images[0]?.digest, images };
      const [, row = ""] =
        affectedText({ ...AFFECTED, targets: [target] })
          .split("TARGET")[1]
          ?.split("\n") ?? [];
      return row.trimEnd().split(/ {2,}/)[1];
    };
    const held = image("b", "2026-11-20", HOLDS);
    expect(nowOf(image("a", "2026-11-22", undefined), held)).toBe("nobody knows");
    expect(nowOf(image("a", "2026-11-22", []), held)).toBe("free of it since 2026-11-22");
    expect(nowOf(image("a", "2026-11-22", []), image("c", "2026-11-21", []), held)).toBe(
      "free of it since 2026-11-21",
    );
    expect(nowOf(held, image("a", "2026-11-19", []))).toBe("holds it: tar 1-r0");
  });

  it("gives no day where the tag was moved to an older image that is free of it", () => {
    const images = [image("b", "2026-11-22", HOLDS), image("a", "2026-11-20", [])];
    const target = { target: sampleTarget(), now: digest("a"), images };
    expect(lines(affectedText({ ...AFFECTED, targets: [target] }))).toContain(
      "node:22  free of it  sha256:bbbbbbbbbbbb",
    );
  });

  it("has no doubt where each image tells what is installed", () => {
    const [, second] = AFFECTED.targets;
    if (!second) throw new Error("the sample has too few targets");
    expect(lines(affectedText({ ...AFFECTED, targets: [second], unknown: [] })).at(-1)).toBe(
      "0 of 1 tags hold it now.",
    );
  });
});

describe("affectedJson", () => {
  it("is the same for scripts, in full", () => {
    const unfixed = { package: "zip", installed: "2-r0", severity: null, exception: null };
    const firstSeen = "2026-11-25T02:11:00.000Z";
    const json = (letter: string, day: string, holds: boolean | null) => ({
      ...{ digest: digest(letter), created: `${day}T03:10:00.000Z`, holds },
    });
    const nothing = { digest: null, holds: [], unfixed: null, freeSince: null, images: [] };
    expect(affectedJson(AFFECTED)).toStrictEqual({
      vulnerability: "CVE-2026-1",
      fixes: [
        { branch: "3.21", origin: "tar", version: "1-r1" },
        { branch: "3.22", origin: "tar", version: "1-r2" },
      ],
      targets: [
        {
          ...{ target: "node:22", digest: digest("b"), holds: HOLDS, freeSince: null },
          unfixed: [
            { ...unfixed, firstSeen },
            { ...unfixed, firstSeen, severity: "high", exception },
          ],
          images: [json("a", "2026-11-22", false), json("b", "2026-11-20", true)],
        },
        {
          ...{ target: "node:24", digest: digest("c"), holds: [], unfixed: null },
          freeSince: "2026-11-22T03:10:00.000Z",
          images: [
            json("c", "2026-11-22", false),
            json("d", "2026-11-21", null),
            json("e", "2026-11-20", true),
          ],
        },
        {
          ...{ target: "node:20", digest: digest("9"), holds: [], unfixed: null, freeSince: null },
          images: [json("f", "2026-11-20", true), json("0", "2026-11-19", false)],
        },
        { target: "node:18", ...nothing },
        { target: "node:16", ...nothing, problem: "HTTP 500:\nno answer" },
        { target: "node:14", ...nothing, problem: "HTTP 403" },
        { target: "node:12", ...nothing, images: [json("1", "2026-11-20", true)] },
      ],
      unknown: ["the fixes of 3.20", "the fixes of 3.23"],
    });
  });
  it("has no day where no image is known to have held it", () => {
    const images = [image("a", "2026-11-22", []), image("b", "2026-11-20", undefined)];
    const target = { target: sampleTarget(), now: digest("a"), images };
    expect(affectedJson({ ...AFFECTED, targets: [target] }).targets[0]?.freeSince).toBeNull();
  });
});
