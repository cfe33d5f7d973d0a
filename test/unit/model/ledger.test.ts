import { describe, expect, it } from "vitest";
import { latencyOf } from "../../../scripts/model/latency.ts";
import { emptyLedger, type Finding, type Observation, withLook } from "../../../scripts/model/ledger.ts";

const OLD = `sha256:${"1".repeat(64)}`;
const NEW = `sha256:${"2".repeat(64)}`;
const day = (number: number) => new Date(Date.UTC(2026, 10, number, 2));

const found: Finding = {
  id: "CVE-2026-1",
  package: "libssl3",
  installed: "3.3.2-r0",
  platforms: ["linux/amd64"],
  sources: ["secdb"],
};
const fixed: Finding = { ...found, fixed: "3.3.2-r1" };

function look(of: Partial<Observation> & Pick<Observation, "at">): Observation {
  return {
    ...{ digest: OLD, published: day(1), sources: ["secdb"], findings: [], before: [] },
    installed: new Map([["libssl3", ["3.3.2-r0"]]]),
    ...of,
  };
}

const rebuilt = { digest: NEW, published: day(5), installed: new Map([["libssl3", ["3.3.2-r1"]]]) };
const none = emptyLedger("node:22");

describe("withLook", () => {
  it("tells of a vulnerability when it was seen, when Alpine fixed it and when we published that", () => {
    const looks = [
      look({ at: day(2), findings: [found] }),
      look({ at: day(3), findings: [fixed] }),
      look({ at: day(4), findings: [fixed] }),
      look({ at: day(6), ...rebuilt }),
    ];
    expect(looks.reduce(withLook, none)).toEqual({
      target: "node:22",
      looked: { at: day(6).toISOString(), digest: NEW, sources: ["secdb"] },
      dropped: 0,
      entries: [
        {
          ...found,
          firstSeen: day(2).toISOString(),
          fixedByAlpine: { version: "3.3.2-r1", since: day(3).toISOString() },
          publishedByUs: { digest: NEW, time: day(5).toISOString() },
        },
      ],
    });
  });

  it("changes nothing by the same look twice", () => {
    const once = withLook(none, look({ at: day(2), findings: [fixed] }));
    expect(withLook(once, look({ at: day(2), findings: [fixed] }))).toEqual(once);
  });

  it("withdraws what the same build is no longer said to have", () => {
    const seen = withLook(none, look({ at: day(2), findings: [fixed] }));
    const [same] = withLook(seen, look({ at: day(3) })).entries;
    expect(same).toMatchObject({ withdrawn: day(3).toISOString() });
    const other = look({ at: day(3), digest: NEW });
    expect(withLook(seen, other).entries[0]).toMatchObject({ withdrawn: day(3).toISOString() });
  });

  it("leaves open what nobody was asked about who had told of it", () => {
    const seen = withLook(
      none,
      look({ at: day(2), sources: ["grype"], findings: [{ ...found, sources: ["grype"] }] }),
    );
    expect(withLook(seen, look({ at: day(6), ...rebuilt })).entries).toEqual(seen.entries);
  });

  it("counts what came and went between two looks from the earlier one", () => {
    const seen = withLook(none, look({ at: day(2) }));
    const after = withLook(seen, look({ at: day(6), ...rebuilt, before: [fixed] }));
    expect(after.entries).toMatchObject([
      {
        firstSeen: day(2).toISOString(),
        fixedByAlpine: { since: day(2).toISOString() },
        publishedByUs: { digest: NEW, time: day(5).toISOString() },
      },
    ]);
    expect(withLook(after, look({ at: day(7), ...rebuilt, before: [fixed] })).entries).toHaveLength(1);
  });

  it("opens a new entry where a rollback brings it back, and counts that from then", () => {
    const closed = [look({ at: day(2), findings: [fixed] }), look({ at: day(6), ...rebuilt })].reduce(
      withLook,
      none,
    );
    const back = withLook(closed, look({ at: day(8), findings: [fixed] }));
    expect(back.entries.map(({ firstSeen }) => firstSeen)).toEqual([
      day(8).toISOString(),
      day(2).toISOString(),
    ]);
    expect(latencyOf(back.entries, day(9))).toMatchObject({ waiting: 1, longestWaiting: 86_400_000 });
  });

  it("takes the exception as it is now, and keeps the fix where today's list does not have it", () => {
    const exception = { kind: "accepted", reason: "no use of it", until: "2026-12-01" } as const;
    const seen = withLook(none, look({ at: day(2), findings: [{ ...fixed, exception }] }));
    expect(seen.entries[0]).toMatchObject({ exception });
    const [entry] = withLook(seen, look({ at: day(3), findings: [found] })).entries;
    expect(entry?.exception).toBeUndefined();
    expect(entry?.fixedByAlpine?.since).toBe(day(2).toISOString());
  });

  it("keeps what a later version wrote beside it", () => {
    const later = { ...withLook(none, look({ at: day(2), findings: [found] })), colour: "blue" };
    expect(withLook(later, look({ at: day(3), findings: [found] }))).toMatchObject({ colour: "blue" });
  });

  it("leaves out the oldest that are closed where there are too many, and says how many", () => {
    const many = (count: number, from: number) =>
      Array.from({ length: count }, (_, index) => ({ ...fixed, id: `CVE-2026-${from + index}` }));
    const first = withLook(none, look({ at: day(2), findings: many(700, 10_000) }));
    const closed = withLook(first, look({ at: day(6), ...rebuilt }));
    const back = withLook(closed, look({ at: day(7), findings: many(400, 20_000) }));
    expect(back.entries).toHaveLength(1_000);
    expect(back.dropped).toBe(100);
    expect(back.entries.filter((one) => !one.publishedByUs)).toHaveLength(400);
  });
});

describe("latencyOf", () => {
  it("counts by nearest rank from Alpine's fix to ours, and apart what waits", () => {
    const entries = Array.from({ length: 20 }, (_, index) => ({
      ...found,
      firstSeen: day(1).toISOString(),
      fixedByAlpine: { version: "3.3.2-r1", since: day(1).toISOString() },
      publishedByUs: { digest: NEW, time: day(2 + index).toISOString() },
    }));
    const waits = { ...entries[0], publishedByUs: undefined };
    const unfixed = { ...waits, fixedByAlpine: undefined };
    expect(latencyOf([...entries, waits as never, unfixed as never], day(4))).toEqual({
      published: 20,
      p50: 10 * 86_400_000,
      p95: 19 * 86_400_000,
      waiting: 1,
      longestWaiting: 3 * 86_400_000,
    });
    const later = new Date(day(4).getTime() + 190 * 86_400_000);
    expect(latencyOf(entries, later)).toMatchObject({ published: 8, p50: 16 * 86_400_000 });
    expect(latencyOf([], day(4))).toEqual({
      published: 0,
      p50: undefined,
      p95: undefined,
      waiting: 0,
      longestWaiting: undefined,
    });
  });
});
