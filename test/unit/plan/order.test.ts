import { describe, expect, it } from "vitest";
import type { Target } from "../../../scripts/model/target.ts";
import { inOrderOfWork, withinLimit, withoutArchived } from "../../../scripts/plan/order.ts";
import { isDue, type PlannedTarget } from "../../../scripts/plan/plan.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";

/** Both variants of a version that is not published, unless told otherwise. */
function release(
  image: string,
  version: string,
  changes: Partial<PlannedTarget> = {},
  ofTarget: Partial<Target> = {},
): PlannedTarget[] {
  const { runtime, dev } = sampleRelease({ image, version, ...ofTarget });
  return [runtime, dev].map((target) =>
    samplePlanned(target, { reasons: [{ kind: "missing" }], ...changes }),
  );
}

const ENDED = { support: "archived" } as const;
const PUBLISHED = { published: { digest: "sha256:1", inputs: {} } };
const namesOf = (planned: readonly PlannedTarget[]) => planned.map(({ target }) => target.name);
const dueIn = (planned: readonly PlannedTarget[]) => namesOf(planned.filter((one) => isDue(one)));

describe("inOrderOfWork", () => {
  it("begins with the newest supported version of each image, and ends with what has ended", () => {
    const planned = [
      ...release("lua", "5.4"),
      ...release("lua", "5.3", ENDED),
      ...release("node", "26", { support: "ending" }),
      ...release("node", "24"),
      ...release("python", "2", ENDED),
    ];
    expect(namesOf(inOrderOfWork(planned))).toEqual([
      ...["lua:5.4", "lua:5.4-dev", "node:26", "node:26-dev"],
      ...["node:24", "node:24-dev"],
      ...["lua:5.3", "lua:5.3-dev", "python:2", "python:2-dev"],
    ]);
  });

  it("takes what is as new by how long it takes, the longest first", () => {
    const planned = [...release("lua", "5.4"), ...release("lua", "5.3"), ...release("node", "24")];
    const seconds = new Map([
      ["lua:5.4", 10],
      ["lua:5.3", 90],
      ["node:24", 60],
    ]);
    expect(namesOf(inOrderOfWork(planned, seconds))).toEqual([
      ...["node:24", "node:24-dev", "lua:5.4", "lua:5.4-dev"],
      ...["lua:5.3", "lua:5.3-dev"],
    ]);
  });

  it("takes for the newest what can be built, and counts what is up to date", () => {
    const obstacle = { text: "v3.24 has no nodejs", excused: true };
    const planned = [
      ...release("node", "26", { obstacle }),
      ...release("node", "24"),
      ...release("ruby", "3.4", { ...PUBLISHED, reasons: [] }),
      ...release("ruby", "3.3"),
    ];
    const order = namesOf(inOrderOfWork(planned));
    expect(order.indexOf("node:24")).toBeLessThan(order.indexOf("node:26"));
    expect(order.indexOf("ruby:3.4")).toBeLessThan(order.indexOf("ruby:3.3"));
    expect(order.indexOf("node:24")).toBeLessThan(order.indexOf("ruby:3.3"));
  });
});

describe("withoutArchived", () => {
  const named = (...releases: string[]) => {
    const names = new Set(releases);
    return ({ image, version }: Target) => names.has(`${image}:${version}`);
  };
  const old = release("node", "8", ENDED);

  it("leaves out what has ended, both variants of it, and nothing else", () => {
    const planned = withoutArchived([...release("node", "24"), ...old], named());
    expect(dueIn(planned)).toEqual(["node:24", "node:24-dev"]);
    expect(planned.map(({ leftOut }) => leftOut)).toEqual([undefined, undefined, "archived", "archived"]);
  });

  it("builds what is named by its version, and what the catalog wants all the same", () => {
    expect(dueIn(withoutArchived(old, named("node:8")))).toEqual(["node:8", "node:8-dev"]);
    expect(dueIn(withoutArchived(old, named("node:10")))).toEqual([]);
    const wanted = release("node", "8", ENDED, { evenArchived: true });
    expect(dueIn(withoutArchived(wanted, named()))).toEqual(["node:8", "node:8-dev"]);
  });

  it("completes a version that is published in part, and leaves one alone that is", () => {
    const [runtime, dev] = old as [PlannedTarget, PlannedTarget];
    const half = [{ ...runtime, ...PUBLISHED, reasons: [] }, dev];
    expect(dueIn(withoutArchived(half, named()))).toEqual(["node:8-dev"]);
    const whole = half.map((one) => ({ ...one, ...PUBLISHED, reasons: [] }));
    expect(withoutArchived(whole, named())).toEqual(whole);
  });
});

describe("withinLimit", () => {
  const planned = [
    ...release("lua", "5.4"),
    ...release("lua", "5.3"),
    ...release("node", "24", { ...PUBLISHED, reasons: [] }),
    ...release("ruby", "3.4"),
  ];

  it("leaves so many releases due, the newest of each image first, and says of the others why", () => {
    const limited = withinLimit(planned, 2);
    expect(dueIn(limited)).toEqual(["lua:5.4", "lua:5.4-dev", "ruby:3.4", "ruby:3.4-dev"]);
    expect(namesOf(limited.filter(({ leftOut }) => leftOut === "limit"))).toEqual(["lua:5.3", "lua:5.3-dev"]);
    expect(namesOf(limited)).toEqual(namesOf(planned));
  });

  it("counts neither what is up to date nor what is left out anyway", () => {
    expect(withinLimit(planned, 3)).toEqual(planned);
    const old = release("node", "8", { ...ENDED, leftOut: "archived" });
    const both = withinLimit([...old, ...planned], 1);
    expect(dueIn(both)).toEqual(["lua:5.4", "lua:5.4-dev"]);
    expect(both.slice(0, 2)).toEqual(old);
  });
});
