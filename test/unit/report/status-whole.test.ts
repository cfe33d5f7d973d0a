import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Ledger, LedgerEntry } from "../../../scripts/model/ledger.ts";
import type { Platform } from "../../../scripts/model/platform.ts";
import type { ImageSizes } from "../../../scripts/model/published.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import { loadStatusPage } from "../../../scripts/report/html/status-page.ts";
import {
  type Status,
  statusMarkdown,
  statusText,
  type TargetStatus,
} from "../../../scripts/report/status.ts";
import { statusJson } from "../../../scripts/report/status-json.ts";
import { lookedAt } from "../../../scripts/report/status-ledger.ts";
import { VERSION } from "../../../scripts/system/environment.ts";
import { samplePlanned, sampleTarget } from "../../support/sample-target.ts";
import { digest } from "./sample-outcomes.ts";

/** A status in which there is some of everything that a status can tell, and all that people and scripts are told of it. */

const TODAY = new Date("2026-11-28T23:30:00Z");
const BOTH: readonly Platform[] = ["linux/amd64", "linux/arm64"];

const nodejs = new Map([["nodejs", { version: "22.16.0-r1", unpacked: 5 }]]);
const sizes: ImageSizes = new Map([
  ["linux/amd64", { compressed: 24_500_000, unpacked: 70_000_000, packages: nodejs }],
  ["linux/arm64", { compressed: 25_500_000, unpacked: 71_000_000, packages: nodejs }],
]);
/** Of an image in which its own package is not. */
const empty: ImageSizes = new Map([
  ["linux/amd64", { compressed: 1_000_000, unpacked: 3_000_000, packages: new Map() }],
]);
const published = { digest: digest("a"), inputs: {}, sizes, platforms: BOTH };

const planned = (
  version: string,
  changes: Partial<PlannedTarget> = {},
  target: Parameters<typeof sampleTarget>[0] = {},
): PlannedTarget =>
  samplePlanned(sampleTarget({ version, platforms: BOTH, ...target }), { published, ...changes });
const of = (one: PlannedTarget, changes: Partial<TargetStatus> = {}): TargetStatus => ({
  ...{ planned: one, vulnerabilities: [], at: undefined, isSigned: undefined },
  ...changes,
});
const fixable = (name: string, packageName: string) => ({
  ...{ name, package: packageName, installed: "1-r0", fixed: "1-r1", platforms: BOTH },
});
const entry = (id: string, changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ id, package: "tar", installed: "1-r0", platforms: BOTH, sources: ["grype"] },
  firstSeen: "2026-11-25T02:00:00.000Z",
  ...changes,
});
const scannedAt = (at: string, ...entries: readonly LedgerEntry[]): Ledger => ({
  ...{ target: "node:22", entries, dropped: 0 },
  looked: { at, digest: digest("a"), sources: ["grype"] },
});
const EXCEPTED = entry("CVE-2026-8", {
  severity: "high",
  exception: { kind: "not_affected", reason: "No shell.", until: "2027-01-01" },
});

const DUE = planned(
  "22",
  {
    reasons: [{ kind: "missing" }, { kind: "age", days: 8, limit: 7 }],
    held: [{ reason: { kind: "base", from: digest("1"), to: digest("2") }, because: "until 2026-12-05" }],
  },
  { budget: 51_000_000, endOfLife: "2027-04-30" },
);

const STATUS: Status = {
  targets: [
    of(DUE, {
      ...{ at: new Date("2026-11-27T23:50:00Z"), isSigned: true },
      vulnerabilities: [fixable("CVE-2026-2", "zlib"), fixable("CVE-2026-1", "tar")],
      ledger: scannedAt(
        "2026-11-27T02:11:00.000Z",
        entry("CVE-2026-9"),
        entry("CVE-2026-9", { package: "gzip" }),
        EXCEPTED,
      ),
    }),
    of(planned("24", { published: { ...published, platforms: ["linux/amd64"] } }), {
      ...{ at: new Date("2026-11-28T00:10:00Z"), isSigned: false },
      vulnerabilities: [fixable("CVE-2026-1", "tar")],
      ledger: scannedAt("2026-11-26T02:11:00.000Z", EXCEPTED),
    }),
    of(planned("20", { published: undefined }), { vulnerabilities: undefined }),
    of(planned("18", { published: { ...published, sizes: new Map(), platforms: [] } })),
    of(planned("16", { published: { ...published, sizes: empty, platforms: undefined } }), {
      vulnerabilities: undefined,
    }),
    of(planned("14", { published: undefined }), { problem: "HTTP 500:\nno answer" }),
    of(
      planned("12", {
        reasons: [{ kind: "asked" }],
        obstacle: { text: "v3.22 has no nodejs 12", excused: false },
      }),
      {
        ledger: { target: "node:12", entries: [], dropped: 0 },
      },
    ),
  ],
  left: [
    { name: "node:10", reference: "r.example/node:10", digest: digest("e"), at: new Date("2025-04-01") },
    { name: "node:8", reference: "r.example/node:8", digest: undefined, at: undefined },
  ],
  unknown: ["the index v3.22/main", "the index v3.22/community"],
};

const lines = (text: string) => text.split("\n").map((line) => line.trimEnd());

describe("statusText", () => {
  it("tells of each target, then each vulnerability once with all that hold it, what left, and counts", () => {
    expect(lines(statusText(STATUS, TODAY))).toEqual([
      "TARGET   VERSION     AGE    SIZE           FIXABLE  UNFIXED  END OF LIFE  STATE",
      "node:22  22.16.0-r1  1 day  25.5 MB (50%)  2        2        2027-04-30   due: missing, age; waits: base",
      "node:24  22.16.0-r1  today  25.5 MB        1        1        -            without linux/arm64; not signed",
      "node:20  -           -      -              -        -        -            not published",
      "node:18  -           -      -              0        -        -            without linux/amd64, linux/arm64",
      "node:16  -           -      1 MB           -        -        -            up to date",
      "node:14  -           -      -              -        -        -            could not be read: HTTP 500: no answer",
      "node:12  22.16.0-r1  -      25.5 MB        0        -        -            cannot be rebuilt: v3.22 has no nodejs 12",
      "",
      "FIXED BY ALPINE  IN    INSTALLED  HELD BY",
      "CVE-2026-1       1-r1  tar 1-r0   node:22 node:24",
      "CVE-2026-2       1-r1  zlib 1-r0  node:22",
      "",
      "WITHOUT A FIX  SEVERITY  INSTALLED  EXCEPTION                      HELD BY",
      "CVE-2026-8     high      tar 1-r0   not affected until 2027-01-01  node:22 node:24",
      "CVE-2026-9     -         gzip 1-r0  -                              node:22",
      "CVE-2026-9     -         tar 1-r0   -                              node:22",
      "Last scanned between 2026-11-26 02:11 UTC and 2026-11-27 02:11 UTC. No fix of Alpine's was published in 180 days, as far as ledgers tell.",
      "",
      "LEFT THE CATALOG  PUBLISHED",
      "node:10           2025-04-01",
      "node:8            -",
      "They are no longer in the catalog, and stay as they are for whoever pulls them.",
      "→ to remove one, and what is told of it: skopeo delete docker://r.example/node:10, and the same with .history and .ledger behind it",
      "",
      "Could not be found out:",
      "the index v3.22/main",
      "the index v3.22/community",
      "",
      "5 of 7 targets published, 1 due, 2 with vulnerabilities that Alpine has fixed. Of 1 nobody can tell: a list of fixes or of packages is missing.",
    ]);
  });

  it("has nothing below the table but the count where there is nothing else", () => {
    const idle = of(planned("22"), { at: new Date("2026-11-26T10:00:00Z") });
    expect(lines(statusText({ targets: [idle], left: [], unknown: [] }, TODAY))).toEqual([
      "TARGET   VERSION     AGE     SIZE     FIXABLE  UNFIXED  END OF LIFE  STATE",
      "node:22  22.16.0-r1  2 days  25.5 MB  0        -        -            up to date",
      "",
      "1 of 1 target published, 0 due, 0 with vulnerabilities that Alpine has fixed.",
    ]);
  });

  it("calls nothing up to date that is due and cannot be built", () => {
    const stateWith = (obstacle: PlannedTarget["obstacle"]) => {
      const stuck = of(planned("22", { reasons: [{ kind: "asked" }], ...(obstacle && { obstacle }) }));
      const [, line = ""] = lines(statusText({ targets: [stuck], left: [], unknown: [] }, TODAY));
      return line.split(/ {2,}/).at(-1);
    };
    expect(stateWith(undefined)).toBe("due: asked");
    expect(stateWith({ text: "no nodejs 22", excused: true })).toBe("cannot be rebuilt: no nodejs 22");
    expect(stateWith({ text: "https://m.example: no answer", excused: false, isUnknown: true })).toBe(
      "cannot be rebuilt: what it is built from cannot be read",
    );
  });

  it("says when all was scanned, where nothing without a fix was found", () => {
    const at = "2026-11-27T02:11:00.000Z";
    const clean = of(planned("22"), { ledger: scannedAt(at) });
    const text = statusText({ targets: [clean, clean], left: [], unknown: [] }, TODAY);
    expect(text.split("\n\n")[1]).toBe(
      "Last scanned 2026-11-27 02:11 UTC. No fix of Alpine's was published in 180 days, as far as ledgers tell.",
    );
  });
});

describe("lookedAt", () => {
  it("is nothing where nobody looked, and otherwise the first and the last of these looks", () => {
    const one = (ledger: Ledger | undefined) => ({ name: "node:22", digest: digest("a"), ledger });
    const never = { target: "node:22", entries: [], dropped: 0 };
    expect(lookedAt([one(undefined), one(never)])).toBeUndefined();
    const [first, last] = ["2026-11-26T02:11:00.000Z", "2026-11-27T02:11:00.000Z"] as const;
    expect(lookedAt([one(scannedAt(last)), one(scannedAt(first)), one(never)])).toEqual({
      from: first,
      to: last,
    });
  });
});

describe("statusMarkdown", () => {
  it("names what left the catalog, and nothing where all is there", () => {
    expect(statusMarkdown(STATUS, TODAY).split("\n").at(-1)).toBe("Left the catalog: `node:10`, `node:8`.");
    const [first] = STATUS.targets;
    if (!first) throw new Error("the sample has no targets");
    expect(statusMarkdown({ targets: [first], left: [], unknown: [] }, TODAY)).toBe(
      [
        "| Target | Version | Age | Size | Fixable | Unfixed | End of life | State |",
        "| - | - | - | - | - | - | - | - |",
        "| `node:22` | 22.16.0-r1 | 1 day | 25.5 MB (50%) | 2 | 2 | 2027-04-30 | due: missing, age; waits: base |",
      ].join("\n"),
    );
  });
});

describe("statusJson", () => {
  it("is the same for scripts, in full", () => {
    const one = (target: string, changes: object = {}) => ({
      ...{ target, digest: digest("a"), version: null, published: null, age: null, budget: null },
      ...{ platforms: [], wantedPlatforms: BOTH, endOfLife: null, support: "supported", signed: null },
      ...{ due: false, reasons: [], held: [], obstacle: null, unknown: [], vulnerabilities: [] },
      ...{ scanned: null, unfixed: null },
      ...changes,
    });
    const full = {
      version: "22.16.0-r1",
      platforms: [
        { platform: "linux/amd64", compressedSize: 24_500_000, unpackedSize: 70_000_000 },
        { platform: "linux/arm64", compressedSize: 25_500_000, unpackedSize: 71_000_000 },
      ],
    };
    const vulnerability = (name: string, packageName: string) => ({
      ...{ name, package: packageName, installed: "1-r0", fixed: "1-r1", platforms: BOTH },
    });
    const unfixed = (id: string, changes: object = {}) => ({
      ...{ id, package: "tar", installed: "1-r0", severity: null, exception: null },
      ...{ firstSeen: "2026-11-25T02:00:00.000Z", ...changes },
    });
    const excepted = unfixed("CVE-2026-8", {
      ...{ severity: "high", exception: { kind: "not_affected", reason: "No shell.", until: "2027-01-01" } },
    });
    const scanned = (at: string) => ({ at, digest: digest("a"), sources: ["grype"] });
    // As scripts read it.
    expect(JSON.parse(JSON.stringify(statusJson(STATUS, TODAY)))).toEqual({
      status: [
        one("node:22", {
          ...{ ...full, published: "2026-11-27T23:50:00.000Z", age: 1, budget: 51_000_000 },
          ...{ endOfLife: "2027-04-30", signed: true, due: true },
          reasons: [
            { kind: "missing", text: "missing in the registry" },
            { kind: "age", text: "published 8 days ago, at most 7" },
          ],
          held: [{ text: "base sha256:11111111… → sha256:22222222…", because: "until 2026-12-05" }],
          vulnerabilities: [vulnerability("CVE-2026-2", "zlib"), vulnerability("CVE-2026-1", "tar")],
          scanned: scanned("2026-11-27T02:11:00.000Z"),
          unfixed: [unfixed("CVE-2026-9"), unfixed("CVE-2026-9", { package: "gzip" }), excepted],
        }),
        one("node:24", {
          ...{ ...full, published: "2026-11-28T00:10:00.000Z", age: 0, signed: false },
          vulnerabilities: [vulnerability("CVE-2026-1", "tar")],
          scanned: scanned("2026-11-26T02:11:00.000Z"),
          unfixed: [excepted],
        }),
        one("node:20", { digest: null, vulnerabilities: null }),
        one("node:18"),
        one("node:16", {
          platforms: [{ platform: "linux/amd64", compressedSize: 1_000_000, unpackedSize: 3_000_000 }],
          vulnerabilities: null,
        }),
        one("node:14", { digest: null, problem: "HTTP 500:\nno answer" }),
        one("node:12", {
          ...full,
          reasons: [{ kind: "asked", text: "asked for" }],
          obstacle: "v3.22 has no nodejs 12",
        }),
      ],
      left: [
        {
          ...{ name: "node:10", reference: "r.example/node:10", digest: digest("e") },
          published: "2025-04-01T00:00:00.000Z",
        },
        { name: "node:8", reference: "r.example/node:8", digest: null, published: null },
      ],
      latency: {
        ...{ published: 0, p50Seconds: null, p95Seconds: null, waiting: 0, longestWaitingSeconds: null },
      },
      unknown: ["the index v3.22/main", "the index v3.22/community"],
    });
  });
  it("has no problem where there is none", () => {
    expect(statusJson(STATUS, TODAY).status.filter((one) => "problem" in one)).toHaveLength(1);
  });
});

/** Whole, but for the style sheet: whoever changes what is on the page sees here what comes of it. */
describe("the page of a status", () => {
  const PLACE = { registry: "r.example/birds", isSandbox: false };
  const templates = fileURLToPath(new URL("../../../templates/report", import.meta.url));
  const expectGolden = async (name: string, status: Status, place = PLACE) => {
    const page = (await loadStatusPage(templates))(status, TODAY, place);
    // A release changes nothing else.
    const lasting = page.replace(/<style>.*<\/style>/s, "<style></style>").replace(VERSION, "VERSION");
    await expect(lasting).toMatchFileSnapshot(`../../golden/${name}.html.txt`);
  };
  const idle = of(planned("22"), { at: new Date("2026-11-26T10:00:00Z") });
  const vulnerabilities = [fixable("CVE-2026-1", "tar"), fixable("CVE-2026-1", "zlib")];
  const alone = (changes: Partial<TargetStatus> = {}): Status => ({
    ...{ targets: [{ ...idle, ...changes }], left: [], unknown: [] },
  });
  const titleOf = async (status: Status) =>
    /<title>(.*)<\/title>/.exec((await loadStatusPage(templates))(status, TODAY, PLACE))?.[1];

  it("has all that there is to tell, also how long fixes took", async () => {
    const mended = (id: string, hours: number) =>
      entry(id, {
        fixedByAlpine: { version: "1-r1", since: "2026-11-25T02:00:00.000Z" },
        publishedByUs: {
          digest: digest("a"),
          time: new Date(Date.parse("2026-11-25T02:00:00Z") + hours * 3_600_000).toISOString(),
        },
      });
    const ledger = scannedAt("2026-11-27T02:11:00.000Z", mended("CVE-2026-3", 5), mended("CVE-2026-4", 50));
    const [first, ...others] = STATUS.targets;
    if (!first) throw new Error("the sample has no targets");
    const unknown = Array.from({ length: 11 }, (_, index) => `the index of branch ${index}`);
    const status = { ...STATUS, targets: [first, { ...idle, ledger }, ...others], unknown };
    await expectGolden("status-everything", status, { ...PLACE, isSandbox: true });
  });

  it("says that nothing is to be done, and has no figure that nobody knows", async () => {
    await expectGolden("status-idle", alone({ at: undefined }));
  });

  it("is titled by what is worst, and due comes before what Alpine has fixed", async () => {
    const due = planned("22", { reasons: [{ kind: "missing" }] });
    const titles = [
      alone(),
      alone({ vulnerabilities }),
      alone({ vulnerabilities: [...vulnerabilities, fixable("CVE-2026-2", "tar")] }),
      alone({ planned: due }),
      alone({ planned: due, vulnerabilities }),
      { ...alone({ planned: due }), unknown: ["the index"] },
    ];
    expect(await Promise.all(titles.map((status) => titleOf(status)))).toEqual([
      "Up to date · 28 Nov · Birdhouse",
      "1 vulnerability that Alpine has fixed · 28 Nov · Birdhouse",
      "2 vulnerabilities that Alpine has fixed · 28 Nov · Birdhouse",
      "1 target due · 28 Nov · Birdhouse",
      "1 target due · 28 Nov · Birdhouse",
      "Not all could be found out · 28 Nov · Birdhouse",
    ]);
    const page = (await loadStatusPage(templates))(alone({ vulnerabilities }), TODAY, PLACE);
    expect(page).toContain('<header class="masthead warn">');
  });
});
