import { expect, it } from "vitest";
import { hostPlatform } from "../../../../scripts/model/platform.ts";
import type { PlannedTarget } from "../../../../scripts/plan/plan.ts";
import { planRecordOf, recordOf, recordSchema } from "../../../../scripts/report/runs/record.ts";
import { samplePlanned, sampleRelease } from "../../../support/sample-target.ts";
import { digest, publishedTarget } from "../sample-outcomes.ts";
import { at } from "./sample-journal.ts";

const { runtime, dev } = sampleRelease();
const planned = (changes: Partial<PlannedTarget>) => samplePlanned(runtime, changes);

it("writes a plan down: what is due and why, what that weighed, and what is not", () => {
  const openssl = { from: "3.3.2-r0", to: "3.3.2-r1", fixes: ["CVE-2024-9143"], platforms: [hostPlatform()] };
  const moved = ["libssl3", "libcrypto3"].map((name) => ({ name, ...openssl }));
  const sizes = new Map([["linux/amd64", { compressed: 10, unpacked: 20, packages: new Map() }]]);
  const unknown = (...problems: string[]) => ({ packages: new Map(), fixes: new Map(), unknown: problems });
  const record = planRecordOf(
    [
      planned({
        reasons: [{ kind: "packages", moved }],
        published: { digest: digest("a"), inputs: {}, sizes },
      }),
      planned({ target: dev, reasons: [{ kind: "pair", pair: "node:22" }] }),
      planned({}),
      planned({ offered: unknown("the mirror is away") }),
      planned({ offered: unknown("the mirror is away", "no list of fixes") }),
      planned({ reasons: [{ kind: "missing" }], obstacle: { text: "not there", excused: true } }),
      planned({ reasons: [{ kind: "missing" }], obstacle: { text: "wrong", excused: false } }),
      planned({ reasons: [{ kind: "missing" }], leftOut: "limit" }),
    ],
    at(1),
    ["node:22 ends"],
  );
  const text = "libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143), libcrypto3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143)";
  expect(record).toEqual({
    ...{ type: "plan", at: at(1), upToDate: 3, unavailable: 1, remarks: ["node:22 ends"] },
    targets: [
      {
        target: "node:22",
        reasons: [{ kind: "packages", text, cves: ["CVE-2024-9143"] }],
        before: { "linux/amd64": { compressed: 10, unpacked: 20 } },
      },
      {
        target: "node:22-dev",
        reasons: [{ kind: "pair", text: "its pair node:22 is being rebuilt", cves: [] }],
        before: {},
      },
    ],
    unknown: [
      { problem: "the mirror is away", targets: 2 },
      { problem: "no list of fixes", targets: 1 },
    ],
  });
  expect(recordSchema.parse(record)).toEqual(record);
});

it("writes down what happens, and what it comes to", () => {
  const write = (event: Parameters<typeof recordOf>[0]) =>
    recordOf(event, at(2), ({ target, stage }) => `make ${stage} ONLY=${target}`);
  expect(write({ type: "started", target: "a:1", stage: "build" })).toEqual({
    ...{ type: "started", at: at(2), target: "a:1", stage: "build" },
  });
  expect(write({ type: "failed", target: "a:1", stage: "smoke", message: "no" })).toEqual({
    ...{
      type: "failed",
      at: at(2),
      target: "a:1",
      stage: "smoke",
      message: "no",
      repeat: "make smoke ONLY=a:1",
    },
  });
  expect(write({ type: "plan", text: "for people" })).toBeUndefined();
  const done = write({ type: "done", target: "node:22", outcome: publishedTarget() });
  expect(done).toEqual({
    ...{ type: "done", at: at(2), target: "node:22", digest: digest("a"), tags: ["22", "22.16.0"] },
    uploadedBytes: 1_000_000,
    platforms: [{ platform: hostPlatform(), compressed: 29_500_000, unpacked: 80_700_000 }],
  });
  expect(recordSchema.parse(done)).toEqual(done);
  expect(
    write({ type: "done", target: "node:22", outcome: { ...publishedTarget(), published: undefined } }),
  ).toMatchObject({ tags: [], uploadedBytes: 0 });
});
