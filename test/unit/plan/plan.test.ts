import { describe, expect, it } from "vitest";
import { inputsOf } from "../../../scripts/model/inputs.ts";
import type { Target } from "../../../scripts/model/target.ts";
import {
  isDue,
  notesIn,
  plan,
  unknownIn,
  withHolds,
  withObstacles,
  withoutAway,
} from "../../../scripts/plan/plan.ts";
import { type Comparison, describeReason } from "../../../scripts/plan/reasons.ts";
import { VERSION } from "../../../scripts/system/environment.ts";
import {
  type SampleJob,
  sampleCatalog,
  sampleDebug,
  sampleJob,
  samplePlanned,
  sampleRelease,
  sampleTarget,
} from "../../support/sample-target.ts";

const TODAY = new Date("2026-11-23T03:00:00Z");
const DOCKERFILE = "FROM scratch\n";

function inputs(target: Target) {
  return inputsOf(target, sampleCatalog(), DOCKERFILE);
}

/** A target that is published as it is. */
function upToDate(target: Target): Comparison & SampleJob {
  return { ...sampleJob(target, inputs(target)), published: published(target), asked: false };
}

function published(target: Target) {
  return { digest: "sha256:1", inputs: inputs(target), sizes: new Map() };
}

/** Name → reasons in words, of those that are due. */
function reasons(comparisons: readonly (Comparison & SampleJob)[]): Record<string, string[]> {
  const due = plan(comparisons, TODAY).filter((one) => isDue(one));
  return Object.fromEntries(
    due.map(({ target, reasons }) => [target.name, reasons.map((one) => describeReason(one))]),
  );
}

describe("plan", () => {
  const node = sampleRelease();
  const lua = sampleRelease({ image: "lua", version: "5.4" });
  const all = [node.runtime, node.dev, lua.runtime, lua.dev];

  it("takes all variants along, and says of each which one it goes with", () => {
    const debug = sampleDebug();
    const members = [node.runtime, node.dev, debug].map((one) => upToDate(one));
    const due = (name: string) =>
      reasons(members.map((one) => ({ ...one, asked: one.target.name === name })));
    expect(due("node:22-debug")).toEqual({
      "node:22": ["its pair node:22-debug is being rebuilt"],
      "node:22-dev": ["its pair node:22-debug is being rebuilt"],
      "node:22-debug": ["asked for"],
    });
    expect(due("node:22")["node:22-debug"]).toEqual(["its pair node:22 is being rebuilt"]);
    const planned = [node.runtime, node.dev, debug].map((target) =>
      samplePlanned(target, { reasons: [{ kind: "asked" }] }),
    );
    const blocked = withObstacles(planned, ({ variant }) =>
      variant === "debug" ? { text: "v3.22 has no busybox", excused: true } : undefined,
    );
    expect(blocked.map(({ obstacle }) => obstacle?.text)).toEqual([
      "its pair node:22-debug: v3.22 has no busybox",
      "its pair node:22-debug: v3.22 has no busybox",
      "v3.22 has no busybox",
    ]);
    const held = withHolds(planned, new Map([["node:22-debug", "held by ann"]]));
    expect(held.map((one) => isDue(one))).toEqual([false, false, false]);
  });

  it("finds nothing to do where all is published as it should be", () => {
    const planned = plan(
      all.map((one) => upToDate(one)),
      TODAY,
    );
    expect(planned.map(({ target }) => target.name)).toEqual([
      "node:22",
      "node:22-dev",
      "lua:5.4",
      "lua:5.4-dev",
    ]);
    expect(planned.flatMap(({ reasons }) => reasons)).toEqual([]);
  });

  it("rebuilds a target whose packages were edited, and its pair, and nothing else", () => {
    const edited = sampleTarget({ variant: "dev", world: ["make", "nodejs~22"] });
    const comparisons = all.map((target) =>
      target === node.dev
        ? { ...sampleJob(edited, inputs(edited)), published: published(node.dev), asked: false }
        : upToDate(target),
    );
    expect(reasons(comparisons)).toEqual({
      "node:22": ["its pair node:22-dev is being rebuilt"],
      "node:22-dev": ["inputs: packages +make"],
    });
  });

  it("says that another Birdhouse built what it finds changed, and rebuilds nothing for that alone", () => {
    const builtBy = (target: Target, builder: string) => ({
      ...upToDate(target),
      published: { ...published(target), builder },
    });
    const pair = (builder: string, dockerfile: string) => {
      const runtime = builtBy(node.runtime, builder);
      return [{ ...runtime, inputs: { ...runtime.inputs, dockerfile } }, builtBy(node.dev, builder)];
    };
    const same = String(inputs(node.runtime).dockerfile);
    expect(reasons(pair("0.0.9", same))).toEqual({});
    expect(reasons(pair(VERSION, "222222222222"))["node:22"]).toEqual([
      "inputs: the Dockerfile's template changed",
    ]);
    expect(reasons(pair("0.0.9", "222222222222"))).toEqual({
      "node:22": [
        `inputs: the Dockerfile's template changed (built by Birdhouse 0.0.9, and this is ${VERSION})`,
      ],
      "node:22-dev": ["its pair node:22 is being rebuilt"],
    });
  });

  it("rebuilds what is missing", () => {
    const comparisons = [
      { ...upToDate(node.runtime), published: undefined },
      { ...upToDate(node.dev), published: undefined },
    ];
    expect(reasons(comparisons)).toEqual({
      "node:22": ["missing in the registry"],
      "node:22-dev": ["missing in the registry"],
    });
  });

  it("rebuilds what something else has published", () => {
    const foreign = { ...upToDate(node.runtime), published: { digest: "sha256:1", inputs: undefined } };
    expect(reasons([foreign, upToDate(node.dev)])).toEqual({
      "node:22": ["published, but not by this Birdhouse: what it was made from is unknown"],
      "node:22-dev": ["its pair node:22 is being rebuilt"],
    });
  });

  it("rebuilds what was asked for, and still says what else speaks for it", () => {
    const comparisons = [
      { ...upToDate(node.runtime), asked: true },
      { ...upToDate(node.dev), asked: true, published: undefined },
    ];
    expect(reasons(comparisons)).toEqual({
      "node:22": ["asked for"],
      "node:22-dev": ["asked for", "missing in the registry"],
    });
  });

  it("hands on what it compared", () => {
    const comparison = upToDate(node.runtime);
    expect(plan([comparison], TODAY)).toMatchObject([
      { target: comparison.target, inputs: comparison.inputs, published: comparison.published, reasons: [] },
    ]);
  });
});

describe("describeReason", () => {
  it("lists what went and what came, input by input", () => {
    const changes = [
      { input: "branch", removed: ["3.21"], added: ["3.22"] },
      { input: "packages", removed: ["patch"], added: ["make", "git"] },
    ];
    expect(describeReason({ kind: "inputs", changes })).toBe(
      "inputs: branch -3.21 +3.22; packages -patch +make +git",
    );
  });

  it("shows no hashes", () => {
    const changes = [{ input: "dockerfile", removed: ["111"], added: ["222"] }];
    expect(describeReason({ kind: "inputs", changes })).toBe("inputs: the Dockerfile's template changed");
  });
});

describe("plan by end of life", () => {
  const ended = sampleRelease({ endOfLife: "2026-11-01" });

  it("builds an archived version once, and then leaves it alone", () => {
    const other = { branch: "3.17" };
    const before = { digest: "sha256:1", inputs: other, sizes: new Map() };
    const changed = { ...upToDate(ended.runtime), published: before };
    expect(reasons([changed, upToDate(ended.dev)])).toEqual({});
    expect(reasons([{ ...changed, published: undefined }, upToDate(ended.dev)])).toEqual({
      "node:22": ["missing in the registry"],
      "node:22-dev": ["its pair node:22 is being rebuilt"],
    });
  });

  it("rebuilds an archived version that is asked for", () => {
    expect(reasons([{ ...upToDate(ended.runtime), asked: true }])).toEqual({ "node:22": ["asked for"] });
  });

  it("goes on with a version until the day of its end", () => {
    const ending = sampleRelease({ endOfLife: "2026-11-24" }).runtime;
    const changed = { ...upToDate(ending), published: { digest: "sha256:1", inputs: {} } };
    const planned = plan([changed], TODAY);
    expect(planned.map(({ support, reasons }) => [support, reasons.length])).toEqual([["ending", 1]]);
  });
});

describe("withObstacles", () => {
  const { runtime, dev } = sampleRelease();
  const missing = (target: Target) => ({ ...upToDate(target), published: undefined });

  it("holds back the pair of what cannot be built, and asks only about what is due", () => {
    const asked: string[] = [];
    const planned = withObstacles(
      plan([missing(runtime), missing(dev), upToDate(sampleTarget({ image: "lua", version: "5.4" }))], TODAY),
      ({ name }) => {
        asked.push(name);
        return name === "node:22-dev" ? { text: "v3.22 has no npm", excused: true } : undefined;
      },
    );
    expect(asked).toEqual(["node:22", "node:22-dev"]);
    expect(planned.map(({ obstacle }) => obstacle?.text)).toEqual([
      "its pair node:22-dev: v3.22 has no npm",
      "v3.22 has no npm",
      undefined,
    ]);
    expect(planned.filter((one) => isDue(one))).toEqual([]);
  });

  it("says in the pair's words what is in the way, and asks once of each", () => {
    const obstacle = { text: "v3.22 has no npm", excused: true };
    const planned = withObstacles(plan([missing(runtime), missing(dev)], TODAY), ({ name }) =>
      name === "node:22-dev" ? obstacle : undefined,
    );
    expect(planned.map((one) => one.obstacle)).toEqual([
      { ...obstacle, text: "its pair node:22-dev: v3.22 has no npm", problem: "v3.22 has no npm" },
      obstacle,
    ]);
  });

  it("leaves what is not due as it is, though its pair cannot be built", () => {
    const [idle, due] = [samplePlanned(runtime), samplePlanned(dev, { reasons: [{ kind: "asked" }] })];
    const planned = withObstacles([idle, due], () => ({ text: "v3.22 has no npm", excused: true }));
    expect(planned.map(({ obstacle }) => obstacle?.text)).toEqual([undefined, "v3.22 has no npm"]);
  });

  it("are put aside by those who publish what is built, where only a mirror is away", () => {
    const away = samplePlanned(runtime, { obstacle: { text: "away", excused: false, isUnknown: true } });
    expect(Object.keys(withoutAway(away))).not.toContain("obstacle");
    for (const one of [
      samplePlanned(runtime),
      samplePlanned(runtime, { obstacle: { text: "no", excused: true } }),
    ]) {
      expect(withoutAway(one)).toBe(one);
    }
  });
});

describe("what a plan could not compare", () => {
  const { runtime, dev } = sampleRelease();
  const offered = (unknown: readonly string[], notes?: readonly string[]) => ({
    ...{ packages: new Map(), fixes: new Map(), unknown },
    ...(notes && { notes }),
  });
  const planned = [
    samplePlanned(runtime, { offered: offered(["mirror away", "base away"], ["left out a", "left out b"]) }),
    samplePlanned(dev, { offered: offered(["mirror away"], ["left out a"]) }),
    samplePlanned(runtime, { offered: offered([]) }),
    samplePlanned(dev),
  ];

  it("is told once, with how many targets it is true of", () => {
    expect([...unknownIn(planned)]).toEqual([
      ["mirror away", 2],
      ["base away", 1],
    ]);
  });

  it("and what was left out of the indexes is told once", () => {
    expect(notesIn(planned)).toEqual(["left out a", "left out b"]);
  });
});

describe("withHolds", () => {
  it("holds the reasons of both variants back, after those that are held already", () => {
    const { runtime, dev } = sampleRelease();
    const held = [{ reason: { kind: "missing" } as const, because: "no security fix" }];
    const due = samplePlanned(runtime, { reasons: [{ kind: "asked" }], held });
    const idle = samplePlanned(dev);
    const [first, second] = withHolds([due, idle], new Map([[dev.name, "held until tomorrow"]]));
    expect(first).toMatchObject({
      reasons: [],
      held: [...held, { reason: { kind: "asked" }, because: "held until tomorrow" }],
    });
    expect(second).toBe(idle);
    expect(withHolds([due], new Map([["lua:5.4", "held"]]))).toEqual([due]);
  });
});
