import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { emptyLedger, type Ledger, type LedgerSource, withLook } from "../../../scripts/model/ledger.ts";
import { vulnerabilitiesIn } from "../../../scripts/plan/vulnerable.ts";
import { affectedJson, affectedText } from "../../../scripts/report/affected.ts";
import { loadStatusPage } from "../../../scripts/report/html/status-page.ts";
import { type Status, statusMarkdown, statusText } from "../../../scripts/report/status.ts";
import { statusJson } from "../../../scripts/report/status-json.ts";
import { samplePlan, TODAY } from "../../support/sample-plan.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { headingsOf, problemsOf, textOf } from "./html-page.ts";
import { digest } from "./sample-outcomes.ts";

const plan = samplePlan(true);
const named = (name: string) => {
  const found = plan.find(({ target }) => target.name === name);
  if (!found) throw new Error(name);
  return found;
};
const node = named("node:22");
const { offered, published } = node;
if (!offered || !published?.sizes) throw new Error("node:22 is published");
const vulnerabilities = vulnerabilitiesIn(published.sizes, offered.packages, offered.fixes);
const AT = new Date("2026-11-20T03:10:00Z");
const FREE = { vulnerabilities: [], at: AT, isSigned: true };

const TEMPLATES = fileURLToPath(new URL("../../../templates/report", import.meta.url));
const FOUND = { id: "CVE-2026-7", package: "busybox", installed: "1.37.0-r0", platforms: ["linux/amd64"] };

const STATUS: Status = {
  targets: [
    { planned: node, vulnerabilities, at: AT, isSigned: true },
    { ...FREE, planned: named("go:1.24-dev") },
    { ...FREE, planned: named("php:8.2"), isSigned: false },
    { ...FREE, planned: named("java:8"), at: undefined },
    { ...FREE, planned: named("rust:1.99"), at: undefined, isSigned: undefined },
  ],
  left: [
    {
      name: "node:18",
      reference: "registry.example/base/node:18",
      digest: digest("e"),
      at: new Date("2025-04-01"),
    },
  ],
  unknown: [],
};

describe("vulnerabilitiesIn", () => {
  it("has what was fixed after what is installed, of the source package that it is of, once for all platforms", () => {
    const { sizes = new Map() } = published;
    const vulnerabilities = vulnerabilitiesIn(sizes, offered.packages, offered.fixes);
    expect(vulnerabilities.map(({ name, package: one }) => `${name} ${one}`)).toEqual([
      "CVE-2024-12797 libcrypto3",
      "CVE-2024-12797 libssl3",
      "CVE-2024-9143 libcrypto3",
      "CVE-2024-9143 libssl3",
      "CVE-2025-9230 libcrypto3",
      "CVE-2025-9230 libssl3",
      "CVE-2026-31789 libcrypto3",
      "CVE-2026-31789 libssl3",
    ]);
    expect(vulnerabilities[0]).toMatchObject({
      ...{ installed: "3.3.2-r0", fixed: "3.3.2-r1" },
      platforms: ["linux/amd64", "linux/arm64"],
    });
  });

  it("looks at a package that is no longer offered under its own name", () => {
    const sizes = new Map([
      [
        "linux/amd64",
        {
          compressed: 1,
          unpacked: 1,
          packages: new Map([["openssl", { version: "3.3.2-r0", unpacked: 1 }]]),
        },
      ],
    ]);
    expect(vulnerabilitiesIn(sizes, new Map(), offered.fixes)).toHaveLength(4);
  });
});

describe("statusText", () => {
  it("has a line for each target, then vulnerabilities, what left the catalog, and the count", () => {
    expect(
      statusText(STATUS, TODAY)
        .split("\n")
        .map((line) => line.trimEnd()),
    ).toMatchInlineSnapshot(`
      [
        "TARGET       VERSION     AGE     SIZE     FIXABLE  UNFIXED  END OF LIFE  STATE",
        "node:22      22.16.0-r1  8 days  24.5 MB  4        -        -            due: packages",
        "go:1.24-dev  22.16.0-r1  8 days  24.5 MB  0        -        -            up to date",
        "php:8.2      22.16.0-r1  8 days  24.5 MB  0        -        2026-12-31   ends in 33 days; not signed",
        "java:8       22.16.0-r1  -       24.5 MB  0        -        2026-05-01   archived",
        "rust:1.99    -           -       -        -        -        -            not published: v3.22 has rust 1.87.0-r0, no 1.99",
        "",
        "FIXED BY ALPINE  IN        INSTALLED                              HELD BY",
        "CVE-2024-12797   3.3.2-r1  libcrypto3 3.3.2-r0, libssl3 3.3.2-r0  node:22",
        "CVE-2024-9143    3.3.2-r1  libcrypto3 3.3.2-r0, libssl3 3.3.2-r0  node:22",
        "CVE-2025-9230    3.3.2-r1  libcrypto3 3.3.2-r0, libssl3 3.3.2-r0  node:22",
        "CVE-2026-31789   3.3.2-r1  libcrypto3 3.3.2-r0, libssl3 3.3.2-r0  node:22",
        "",
        "LEFT THE CATALOG  PUBLISHED",
        "node:18           2025-04-01",
        "They are no longer in the catalog, and stay as they are for whoever pulls them.",
        "→ to remove one, and what is told of it: skopeo delete docker://registry.example/base/node:18, and the same with .history and .ledger behind it",
        "",
        "4 of 5 targets published, 1 due, 1 with vulnerabilities that Alpine has fixed.",
      ]
    `);
  });

  it("fits into 80 columns, and loses nothing by it", () => {
    const text = statusText(STATUS, TODAY, 80);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    for (const word of ["22.16.0-r1", "CVE-2026-31789", "node:18", "archived"]) expect(text).toContain(word);
  });

  it("calls nothing up to date that was not compared, and tells why once", () => {
    const problem = "https://m.example: no answer";
    const away = { text: problem, excused: false, isUnknown: true } as const;
    const apart = { ...offered, unknown: [problem] };
    const targets = [
      { ...FREE, planned: { ...named("go:1.24-dev"), offered: apart } },
      { ...FREE, planned: { ...named("rust:1.99"), obstacle: away } },
    ];
    const status = { targets, left: [], unknown: [problem] };
    const text = statusText(status, TODAY);
    expect(text).toMatch(/^go:1\.24-dev .* not compared$/m);
    expect(text).toMatch(/^rust:1\.99 .* not published, and what it is built from cannot be read$/m);
    expect(text.split(problem)).toHaveLength(2);
    expect(statusJson(status, TODAY).status.map((one) => one.unknown)).toEqual([[problem], []]);
  });

  it("says what could not be found out", () => {
    const text = statusText({ ...STATUS, unknown: ["the index v3.22/main/x86_64 cannot be read"] }, TODAY);
    expect(text).toContain("Could not be found out:\nthe index v3.22/main/x86_64 cannot be read");
  });
});

describe("a status with ledgers", () => {
  const looked = (sources: LedgerSource[], of = published.digest) => ({
    ...withLook(emptyLedger("node:22"), {
      ...{ at: new Date("2026-11-27T02:11:00Z"), digest: of, published: AT, sources },
      findings: [
        { ...FOUND, sources },
        { ...FOUND, id: "CVE-2026-8\u001b[31m", sources, fixed: "1.37.0-r1" },
      ],
      ...{ before: [], installed: new Map() },
    }),
  });
  const [first, ...others] = STATUS.targets;
  if (!first) throw new Error("the sample has no targets");
  const scanned = (ledger: Ledger): Status => ({ ...STATUS, targets: [{ ...first, ledger }, ...others] });

  it("tells of what nobody has fixed, as of the last scan, and how long fixes take", () => {
    const text = statusText(scanned(looked(["grype", "secdb"])), TODAY, 100);
    expect(text).toMatch(/^node:22 +22\.16\.0-r1 +8 days +24\.5 MB +4 +1 /m);
    expect(text.split("\n\n")[2]).toMatchInlineSnapshot(`
      "WITHOUT A FIX  SEVERITY  INSTALLED          EXCEPTION  HELD BY
      CVE-2026-7     -         busybox 1.37.0-r0  -          node:22
      Last scanned 2026-11-27 02:11 UTC. No fix of Alpine's was published in 180 days, as far as ledgers
        tell. 1 still waits, the longest for 25 hours."
    `);
  });

  it("never says that there is none where no scanner looked, or at another image", () => {
    for (const ledger of [looked(["secdb"]), looked(["grype"], digest("9"))]) {
      const text = statusText(scanned(ledger), TODAY);
      expect(text).toMatch(/^node:22 +22\.16\.0-r1 +8 days +24\.5 MB +4 +- /m);
      expect(text).not.toContain("WITHOUT A FIX");
      expect(statusJson(scanned(ledger), TODAY).status[0]?.unfixed).toBeNull();
    }
  });

  it("is a page that is well-formed, runs nothing and shows as text what others wrote", async () => {
    const write = await loadStatusPage(TEMPLATES);
    const place = { registry: "registry.example/<b>birds</b>", isSandbox: true };
    const hostile = { ...FOUND, id: "</td><script>alert(1)</script>\u001b[2J", sources: ["grype"] as const };
    const status = scanned(
      withLook(looked(["grype"]), {
        ...{ at: TODAY, digest: published.digest, published: AT, sources: ["grype"] },
        ...{ findings: [hostile], before: [], installed: new Map() },
      }),
    );
    const page = write({ ...status, unknown: ["<i>the index</i> cannot be read"] }, TODAY, place);
    expect(problemsOf(page)).toEqual([]);
    expect(page).not.toMatch(/<script|<b>birds|<i>|\u001b|url\(|\ssrc=/);
    expect(textOf(page)).toContain("&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(headingsOf(page)).toEqual([
      "Not all could be found out",
      "Could not be found out",
      "Fixed by Alpine",
      "Without a fix",
      "All tags",
      "Left the catalog",
    ]);
    expect(problemsOf(write({ targets: [], left: [], unknown: [] }, TODAY, place))).toEqual([]);
  });
});

describe("a status of which nobody can tell what Alpine has fixed", () => {
  const [first, ...others] = STATUS.targets;
  if (!first) throw new Error("the sample has no targets");
  const unread: Status = { ...STATUS, targets: [{ ...first, vulnerabilities: undefined }, ...others] };

  it("says so, and never that there is nothing", () => {
    const text = statusText(unread, TODAY);
    expect(text).toMatch(/^node:22 +22\.16\.0-r1 +8 days +24\.5 MB +- +- +- +due: packages$/m);
    expect(text).toContain("Of 1 nobody can tell: a list of fixes or of packages is missing.");
    expect(statusJson(unread, TODAY).status[0]?.vulnerabilities).toBeNull();
  });
});

describe("the command that removes what left the catalog", () => {
  it("has what a registry made up as one word of a shell", () => {
    const reference = "registry.example/base/node:$(reboot)";
    const left = [{ name: "node:x", reference, digest: undefined, at: undefined }];
    expect(statusText({ ...STATUS, left }, TODAY)).toContain(`skopeo delete 'docker://${reference}'`);
  });
});

describe("statusMarkdown", () => {
  it("is a table that shows what others wrote as text", () => {
    const lines = statusMarkdown(STATUS, TODAY).split("\n");
    expect(lines[0]).toBe("| Target | Version | Age | Size | Fixable | Unfixed | End of life | State |");
    expect(lines[2]).toContain("| `node:22` | 22.16.0-r1 | 8 days |");
    expect(lines.at(-1)).toBe("Left the catalog: `node:18`.");
  });
});

describe("statusJson", () => {
  it("has the same for scripts", () => {
    const { status, left } = statusJson(STATUS, TODAY);
    expect(status[0]).toMatchObject({
      ...{ target: "node:22", version: "22.16.0-r1", age: 8, signed: true, due: true, support: "supported" },
      published: "2026-11-20T03:10:00.000Z",
    });
    expect(status[0]?.vulnerabilities).toHaveLength(8);
    expect(status[4]).toMatchObject({ target: "rust:1.99", digest: null, version: null, age: null });
    expect(left).toEqual([
      {
        ...{ name: "node:18", reference: "registry.example/base/node:18", digest: digest("e") },
        published: "2025-04-01T00:00:00.000Z",
      },
    ]);
  });
});

const HOLDS = vulnerabilities.filter(({ name }) => name === "CVE-2024-9143");
const image = (name: string, day: string, holds: typeof HOLDS | undefined) => ({
  digest: digest(name),
  created: new Date(`${day}T03:10:00Z`),
  holds,
});
const AFFECTED = {
  name: "CVE-2024-9143",
  fixes: new Map([["3.22", offered.fixes]]),
  targets: [
    { target: sampleTarget(), now: digest("a"), images: [image("a", "2026-11-20", HOLDS)] },
    {
      target: sampleTarget({ version: "24" }),
      now: digest("c"),
      images: [
        image("c", "2026-11-22", []),
        image("d", "2026-11-21", []),
        image("e", "2026-11-20", HOLDS),
        image("f", "2026-11-19", HOLDS),
      ],
    },
    { target: sampleTarget({ version: "20" }), now: digest("b"), images: [image("b", "2026-11-20", [])] },
    {
      target: sampleTarget({ version: "18" }),
      now: digest("9"),
      images: [image("9", "2026-11-20", undefined)],
    },
  ],
  unknown: [],
};

describe("affectedText", () => {
  it("tells who holds it, who held it, and since when each is free of it", () => {
    expect(
      affectedText(AFFECTED)
        .split("\n")
        .map((line) => line.trimEnd()),
    ).toEqual([
      "CVE-2024-9143 is fixed in:",
      "Alpine 3.22: openssl 3.3.2-r1",
      "",
      "TARGET   NOW                                              HELD BY",
      "node:22  holds it: libcrypto3 3.3.2-r0, libssl3 3.3.2-r0  sha256:aaaaaaaaaaaa",
      "node:24  free of it since 2026-11-21                      sha256:eeeeeeeeeeee sha256:ffffffffffff",
      "",
      "1 of 4 tags hold it now. Of 1 nobody knows: they do not tell what is installed.",
    ]);
  });

  it("tells of what has no fix as the last scan found it", () => {
    const entry = { ...FOUND, sources: ["grype"] as const, firstSeen: "2026-11-25T02:11:00Z" };
    const [first] = AFFECTED.targets;
    if (!first) throw new Error("the sample has no targets");
    const affected = {
      ...AFFECTED,
      name: "CVE-2026-7",
      targets: [{ ...first, images: [], unfixed: [entry] }],
    };
    expect(affectedText(affected)).toMatch(
      /^BY THE LAST SCAN, UNFIXED +IN +SINCE +EXCEPTION\nnode:22 +busybox 1\.37\.0-r0 +2026-11-25 +-$/m,
    );
    expect(affectedJson(affected).targets[0]?.unfixed).toMatchObject([
      { package: "busybox", severity: null },
    ]);
    expect(affectedJson(AFFECTED).targets[0]?.unfixed).toBeNull();
  });

  it("says that no list tells anything, where none could be read", () => {
    const text = affectedText({ ...AFFECTED, fixes: new Map(), targets: [] });
    expect(text).toMatch(/^No list of Alpine's fixes could be read/);
  });

  it("says that a list without it tells nothing", () => {
    const text = affectedText({ ...AFFECTED, name: "CVE-1999-1", targets: [] });
    expect(text).toBe(
      "Alpine's lists of fixes do not name CVE-1999-1, so they cannot tell whether an image has it.",
    );
  });
});

describe("affectedJson", () => {
  it("has the same for scripts", () => {
    const { fixes, targets } = affectedJson(AFFECTED);
    expect(fixes).toEqual([{ branch: "3.22", origin: "openssl", version: "3.3.2-r1" }]);
    expect(targets.map(({ target, freeSince }) => [target, freeSince])).toEqual([
      ["node:22", null],
      ["node:24", "2026-11-21T03:10:00.000Z"],
      ["node:20", null],
      ["node:18", null],
    ]);
    expect(targets[1]?.images.map(({ holds }) => holds)).toEqual([false, false, true, true]);
    expect(targets[3]?.images[0]?.holds).toBeNull();
  });
});
