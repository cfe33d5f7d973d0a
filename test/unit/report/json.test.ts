import { describe, expect, it } from "vitest";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import type { Outcome } from "../../../scripts/pipeline/events.ts";
import { outcomesJson, planJson } from "../../../scripts/report/json.ts";
import { samplePlanned, sampleTarget } from "../../support/sample-target.ts";
import { digest, publishedTarget } from "./sample-outcomes.ts";

/** As it comes out at the other end of a pipe. */
function printed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("planJson", () => {
  it("says of every target whether it is due and why, in kinds for scripts and in words for people", () => {
    const [target, pair] = [sampleTarget(), sampleTarget({ variant: "dev" })];
    const changes = [{ input: "packages", removed: [], added: ["make"] }];
    const plan = [
      samplePlanned(target, { published: { digest: digest("a"), inputs: {} } }),
      samplePlanned(pair, { reasons: [{ kind: "inputs", changes }] }),
    ];
    const nothing = {
      support: "supported",
      endOfLife: null,
      unavailable: null,
      mistake: null,
      platforms: [hostPlatform()],
      unavailablePlatforms: [],
      held: [],
      unknown: [],
    };
    expect(printed(planJson(plan))).toEqual([
      { target: "node:22", rebuild: false, ...nothing, reasons: [], digest: digest("a") },
      {
        target: "node:22-dev",
        rebuild: true,
        ...nothing,
        reasons: [{ kind: "inputs", changes, text: "inputs: packages +make" }],
        digest: null,
      },
    ]);
  });
});

it("says of what is left out why, and that it is not rebuilt", () => {
  const reasons = [{ kind: "missing" }] as const;
  const plan = [samplePlanned(sampleTarget(), { reasons, support: "archived", leftOut: "archived" })];
  expect(printed(planJson(plan))).toMatchObject([{ rebuild: false, leftOut: "archived" }]);
});

describe("planJson of what cannot be built", () => {
  it("tells what is unavailable from what is mistaken, and neither is rebuilt", () => {
    const planned = (excused: boolean) =>
      samplePlanned(sampleTarget({ endOfLife: "2026-12-31" }), {
        reasons: [{ kind: "missing" }],
        support: "ending",
        obstacle: { text: "v3.22 has no nodejs", excused },
      });
    const said = { rebuild: false, support: "ending", endOfLife: "2026-12-31" };
    expect(planJson([planned(true), planned(false)])).toMatchObject([
      { ...said, unavailable: "v3.22 has no nodejs", mistake: null },
      { ...said, unavailable: null, mistake: { text: "v3.22 has no nodejs", place: "catalog.yaml:12:7" } },
    ]);
  });
});

describe("planJson of what holds a target", () => {
  it("says what is held and why, what could not be asked, and which platforms there are not", () => {
    const reason = { kind: "missing" as const };
    const held = samplePlanned(sampleTarget(), {
      held: [{ reason, because: "rebuilt 2 days ago" }],
      skipped: [{ platform: "linux/arm64", because: "no v3.22 for it", isUnknown: false }],
      notes: ["php is next"],
      offered: { packages: new Map(), fixes: new Map(), unknown: ["HTTP 502"] },
    });
    expect(printed(planJson([held]))).toMatchObject([
      {
        rebuild: false,
        held: [{ ...reason, text: "missing in the registry", because: "rebuilt 2 days ago" }],
        unavailablePlatforms: [{ platform: "linux/arm64", because: "no v3.22 for it" }],
        ...{ notes: ["php is next"], unknown: ["HTTP 502"] },
      },
    ]);
    expect(planJson([held])[0]?.unavailablePlatforms[0]).not.toHaveProperty("isUnknown");
  });

  it("says what was not begun, which is no mistake of the catalog; and nothing of what is not", () => {
    const obstacle = {
      text: "what it is built from cannot be read",
      excused: false,
      isUnknown: true as const,
    };
    const [away, plain] = planJson([
      samplePlanned(sampleTarget(), { reasons: [{ kind: "missing" }], obstacle }),
      samplePlanned(sampleTarget()),
    ]);
    expect(away).toMatchObject({ rebuild: false, mistake: null, unavailable: null, notBegun: obstacle.text });
    for (const key of ["notBegun", "notes"]) expect(plain).not.toHaveProperty(key);
  });
});

describe("outcomesJson", () => {
  const seconds = { build: 75.25, smoke: 3.21, publish: 0.5 };
  const platforms = [
    {
      platform: hostPlatform(),
      digest: digest("b"),
      compressedSize: 29_500_000,
      unpackedSize: 80_700_000,
      packages: ["nodejs-22.16.0-r2"],
    },
  ];

  it("gives all of a published target: bytes, seconds, packages", () => {
    expect(printed(outcomesJson([publishedTarget()]))).toEqual([
      {
        status: "done",
        target: "node:22",
        digest: digest("a"),
        repository: "base/node",
        tags: ["22", "22.16.0"],
        uploadedBytes: 1_000_000,
        seconds,
        platforms,
      },
    ]);
  });

  it("has the same keys for a target that was not published", () => {
    expect(printed(outcomesJson([{ ...publishedTarget(), published: undefined }]))).toEqual([
      {
        status: "done",
        target: "node:22",
        digest: digest("a"),
        repository: null,
        tags: [],
        uploadedBytes: 0,
        seconds,
        platforms,
      },
    ]);
  });

  it("hands on failures and what was held back", () => {
    const outcomes: Outcome[] = [
      { status: "failed", target: "a:1", stage: "smoke", message: "no" },
      { status: "held", target: "a:1-dev", pair: "a:1" },
    ];
    expect(printed(outcomesJson(outcomes))).toEqual(outcomes);
    const since = "2026-11-23T03:00:00.000Z";
    expect(printed(outcomesJson(outcomes, new Map([["a:1", { runs: 3, since }]])))).toEqual([
      { ...outcomes[0], failedRuns: 3, failingSince: since },
      outcomes[1],
    ]);
  });
});
