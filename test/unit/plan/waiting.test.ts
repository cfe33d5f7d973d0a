import { describe, expect, it } from "vitest";
import type { Failing, Waiting } from "../../../scripts/model/run.ts";
import { waitingOf, withWaiting } from "../../../scripts/plan/waiting.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";

const DAY = 24 * 60 * 60 * 1000;
const FIRST = Date.parse("2026-11-01T03:00:00Z");
const night = (days: number) => new Date(FIRST + days * DAY).toISOString();
const failing = (nights: number, changes: Partial<Failing> = {}): Failing => ({
  runs: nights,
  since: night(0),
  last: night(nights - 1),
  fingerprint: "as it was",
  ...changes,
});

/** The nights, counted from the first failure, on which a target is tried that fails each time. */
function triedOn(nights: number): number[] {
  const tried: number[] = [];
  for (let day = 0; day < nights; day++) {
    const last = tried.at(-1);
    const known = last === undefined ? undefined : failing(tried.length, { last: night(last) });
    if (!known || !waitingOf(known, "as it was", FIRST + day * DAY)) tried.push(day);
  }
  return tried;
}

describe("what fails night after night", () => {
  it("is tried with pauses that grow to a week", () => {
    expect(triedOn(40)).toEqual([0, 1, 2, 4, 8, 15, 22, 29, 36]);
  });

  it("is tried although a night begins some minutes earlier than the last did", () => {
    expect(waitingOf(failing(3), "as it was", FIRST + 4 * DAY - 60_000)).toBeUndefined();
  });

  it("is tried at once when what it is made of has moved, or is not known", () => {
    const soon = FIRST + 3 * DAY;
    expect(waitingOf(failing(3), "as it was", soon)).toEqual({
      runs: 3,
      since: night(0),
      until: expect.any(Date),
    });
    expect(waitingOf(failing(3), "moved", soon)).toBeUndefined();
    expect(waitingOf(failing(3), undefined, soon)).toBeUndefined();
    expect(waitingOf(failing(3, { fingerprint: undefined }), undefined, soon)).toBeUndefined();
  });

  it("does not wait before it has failed three times, however long ago the first was", () => {
    const last = night(6);
    expect(waitingOf(failing(2, { last }), "as it was", FIRST + 7 * DAY)).toBeUndefined();
    expect(waitingOf(failing(3, { last }), "as it was", FIRST + 7 * DAY)).toBeDefined();
  });

  it("is tried each hour by those who rebuild each hour, at first", () => {
    const hourly = failing(5, { last: new Date(FIRST + 4 * 3_600_000).toISOString() });
    expect(waitingOf(hourly, "as it was", FIRST + 5 * 3_600_000)).toBeUndefined();
  });
});

describe("withWaiting", () => {
  const { runtime, dev } = sampleRelease();
  const other = sampleRelease({ version: "24" }).runtime;
  const due = (target: typeof runtime) => samplePlanned(target, { reasons: [{ kind: "missing" }] });
  const waiting: Waiting = { runs: 3, since: night(0), until: new Date(night(4)) };

  it("leaves out the release of what waits, and nothing else", () => {
    const planned = withWaiting([due(runtime), due(dev), due(other)], new Map([[dev.name, waiting]]));
    expect(planned.map(({ leftOut }) => leftOut)).toEqual(["waiting", "waiting", undefined]);
    expect(planned.map((one) => one.waiting)).toEqual([undefined, waiting, undefined]);
  });

  it("says nothing of what is not due", () => {
    const idle = samplePlanned(runtime, { reasons: [] });
    expect(withWaiting([idle], new Map([[runtime.name, waiting]]))).toEqual([idle]);
  });
});
