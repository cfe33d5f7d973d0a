import { describe, expect, it } from "vitest";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import type { Policy } from "../../../scripts/model/policy.ts";
import type { Published } from "../../../scripts/model/published.ts";
import { describeReason, type Offered, ownReasons } from "../../../scripts/plan/reasons.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest, samplePackage } from "../report/sample-outcomes.ts";

const TODAY = new Date("2026-11-23T03:00:00Z");
const DAY = 86_400_000;

const PUBLISHED: Published = {
  digest: digest("a"),
  inputs: {},
  base: digest("b"),
  sizes: new Map([
    [
      hostPlatform(),
      {
        ...{ compressed: 1, unpacked: 1 },
        packages: new Map([["nodejs", { version: "22.16.0-r2", unpacked: 1 }]]),
      },
    ],
  ]),
};

function offering(version: string, { fixes = new Map(), base = digest("b") } = {}): Offered {
  const packages = new Map([["nodejs", [{ ...samplePackage, version }]]]);
  return { packages: new Map([[hostPlatform(), packages]]), fixes, base, unknown: [] };
}

const FIXING = { fixes: new Map([["nodejs", [["22.17.0-r0", ["CVE-2026-1"]]]]]) };

/** The reasons in words, and those held back with why. */
function judge(
  offered: Offered,
  { policy = {}, published = {}, support = "supported" as const, asked = false, inputs = {} } = {},
) {
  const target = sampleTarget({ policy: { for: "anything", ...policy } as Policy });
  const comparison = { target, inputs, asked, offered, published: { ...PUBLISHED, ...published } };
  const { reasons, held } = ownReasons(comparison, support, TODAY);
  return {
    reasons: reasons.map((reason) => describeReason(reason)),
    held: held.map(({ reason, because }) => `${describeReason(reason)}: ${because}`),
  };
}

const NOTHING = { reasons: [], held: [] };

describe("the reasons of a target", () => {
  it("are none where nothing moved", () => {
    expect(judge(offering("22.16.0-r2"))).toEqual(NOTHING);
  });

  it("are a package that moved, with what it fixes, and a base that moved", () => {
    expect(judge(offering("22.17.0-r0", FIXING)).reasons).toEqual([
      "nodejs 22.16.0-r2 → 22.17.0-r0 (CVE-2026-1)",
    ]);
    expect(judge(offering("22.16.0-r2", { base: digest("c") })).reasons).toEqual([
      `base sha256:${"b".repeat(8)}… → sha256:${"c".repeat(8)}…`,
    ]);
  });

  it("are none of Alpine's where what was published, or what is offered, does not say", () => {
    const unknown: Offered = { packages: new Map(), fixes: new Map(), unknown: ["the mirror is away"] };
    expect(judge(unknown)).toEqual(NOTHING);
    expect(judge(offering("22.16.0-r2", { base: digest("c") }), { published: { base: undefined } })).toEqual(
      NOTHING,
    );
  });

  it("are that nothing is there, or why the registry does not show it", () => {
    const target = sampleTarget();
    const comparison = { target, inputs: {}, asked: false, published: undefined };
    const inWords = (refused?: string) => {
      const { reasons, held } = ownReasons({ ...comparison, refused }, "supported", TODAY);
      expect(held).toEqual([]);
      return reasons.map((reason) => describeReason(reason));
    };
    expect(inWords()).toEqual(["missing in the registry"]);
    expect(inWords("HTTP 403")).toEqual(["cannot be read, perhaps not there yet (HTTP 403)"]);
  });

  it("are that an older Birdhouse, or something else, published it", () => {
    for (const published of [{ sizes: undefined }, { inputs: undefined }]) {
      expect(judge(offering("22.16.0-r2"), { published }).reasons).toEqual([
        "published, but not by this Birdhouse: what it was made from is unknown",
      ]);
    }
  });

  it("are none of an archived version, whatever moved", () => {
    const archived = { support: "archived" as never, inputs: { branch: "3.9" } };
    expect(judge(offering("22.17.0-r0", FIXING), archived)).toEqual(NOTHING);
  });
});

describe("a policy", () => {
  it("for security holds back what fixes nothing", () => {
    const policy = { for: "security" };
    expect(judge(offering("22.17.0-r0"), { policy })).toEqual({
      reasons: [],
      held: ["nodejs 22.16.0-r2 → 22.17.0-r0: no security fix"],
    });
    expect(judge(offering("22.17.0-r0", FIXING), { policy }).reasons).toHaveLength(1);
    // A base that moved is no fix by itself, and comes along with one.
    expect(judge(offering("22.16.0-r2", { base: digest("c") }), { policy }).held).toHaveLength(1);
    expect(judge(offering("22.17.0-r0", { ...FIXING, base: digest("c") }), { policy }).reasons).toHaveLength(
      2,
    );
  });

  it("for security counts what fixes something beside what fixes nothing", () => {
    const beside = offering("22.17.0-r0", FIXING);
    const packages = new Map([
      ["nodejs", [{ ...samplePackage, version: "22.17.0-r0" }]],
      ["musl", [{ ...samplePackage, name: "musl", origin: "musl", version: "2-r0" }]],
    ]);
    const held = new Map([
      ["nodejs", { version: "22.16.0-r2", unpacked: 1 }],
      ["musl", { version: "1-r0", unpacked: 1 }],
    ]);
    const sizes = new Map([[hostPlatform(), { compressed: 1, unpacked: 1, packages: held }]]);
    const offered = { ...beside, packages: new Map([[hostPlatform(), packages]]) };
    expect(judge(offered, { policy: { for: "security" }, published: { sizes } }).reasons).toEqual([
      "nodejs 22.16.0-r2 → 22.17.0-r0 (CVE-2026-1), musl 1-r0 → 2-r0",
    ]);
  });

  it("of at most every 7 days holds back until they are over", () => {
    const at = (days: number) => ({ at: new Date(TODAY.getTime() - days * DAY) });
    const policy = { notWithin: 7 };
    expect(judge(offering("22.17.0-r0", FIXING), { policy, published: at(2) })).toEqual({
      reasons: [],
      held: ["nodejs 22.16.0-r2 → 22.17.0-r0 (CVE-2026-1): published 2 days ago, at most every 7"],
    });
    expect(judge(offering("22.17.0-r0"), { policy, published: at(7) }).reasons).toHaveLength(1);
    // Nobody knows when: then nothing is held back.
    expect(judge(offering("22.17.0-r0"), { policy }).reasons).toHaveLength(1);
  });

  it("holds back neither what its maintainer changed nor what was asked for", () => {
    const policy = { for: "security", notWithin: 7 };
    const recent = { at: TODAY };
    const changed = { policy, published: recent, inputs: { branch: "3.23" }, asked: true };
    expect(judge(offering("22.16.0-r2"), changed).reasons).toEqual(["asked for", "inputs: branch +3.23"]);
  });

  it("of a greatest age rebuilds what is older, though nothing moved", () => {
    const at = (days: number) => ({ at: new Date(TODAY.getTime() - days * DAY) });
    const policy = { maxAge: 30 };
    expect(judge(offering("22.16.0-r2"), { policy, published: at(31) }).reasons).toEqual([
      "published 31 days ago, at most 30",
    ]);
    expect(judge(offering("22.16.0-r2"), { policy, published: at(30) })).toEqual(NOTHING);
    // Nobody knows how old it is, or nobody wants to.
    expect(judge(offering("22.16.0-r2"), { policy })).toEqual(NOTHING);
    expect(judge(offering("22.16.0-r2"), { published: at(9_999) })).toEqual(NOTHING);
  });
});

describe("describeReason", () => {
  it("names packages with fixes first, and counts what is too much for a line", () => {
    const moved = ["a", "b", "c", "d", "e", "f"].map((name) => ({
      ...{ name, from: "1", to: "2", platforms: [hostPlatform()] },
      fixes: name === "f" ? ["CVE-2026-2"] : [],
    }));
    expect(describeReason({ kind: "packages", moved })).toBe(
      "f 1 → 2 (CVE-2026-2), a 1 → 2, b 1 → 2, c 1 → 2, 2 more",
    );
    const [one = { name: "a", from: "1", to: "2", platforms: [], fixes: [] }] = moved;
    const fixing = { ...one, fixes: ["CVE-2026-1", "CVE-2026-2"] };
    expect(describeReason({ kind: "packages", moved: [fixing] })).toBe("a 1 → 2 (CVE-2026-1, CVE-2026-2)");
  });
});
