import { describe, expect, it } from "vitest";
import { jobsOf, matrixOf } from "../../../scripts/plan/matrix.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import { sampleDebug, samplePlanned, sampleRelease } from "../../support/sample-target.ts";

/** Both variants of a version, due or not. */
function release(image: string, branch: string, due = true): PlannedTarget[] {
  const { runtime, dev } = sampleRelease({ image, branch });
  const reasons = due ? [{ kind: "missing" } as const] : [];
  return [runtime, dev].map((target) => samplePlanned(target, { reasons }));
}

describe("a plan's jobs", () => {
  it("are one for each branch that has something due, each with the command to paste", () => {
    const planned = [...release("node", "3.22"), ...release("go", "3.24", false), ...release("lua", "3.22")];
    expect(jobsOf(planned, ["--registry", "ghcr.io/birds"])).toEqual([
      {
        name: "3.22",
        branch: "3.22",
        targets: ["node:22", "node:22-dev", "lua:22", "lua:22-dev"],
        command:
          "npm run -s birdhouse -- rebuild node:22 node:22-dev lua:22 lua:22-dev --registry ghcr.io/birds",
      },
    ]);
  });

  it("are of one branch each", () => {
    const jobs = jobsOf([...release("node", "3.22"), ...release("lua", "3.24")], []);
    expect(jobs.map(({ branch, targets }) => [branch, targets])).toEqual([
      ["3.22", ["node:22", "node:22-dev"]],
      ["3.24", ["lua:22", "lua:22-dev"]],
    ]);
  });

  it("hold every target that is due once, keep pairs together, and are not too long", () => {
    const planned = Array.from({ length: 70 }, (_, index) => release(`image${index}`, "3.22")).flat();
    const jobs = jobsOf(planned, []);
    expect(jobs.map(({ name }) => name)).toEqual(["3.22 (1)", "3.22 (2)", "3.22 (3)"]);
    expect(jobs.flatMap(({ targets }) => targets)).toEqual(planned.map(({ target }) => target.name));
    for (const { targets } of jobs) {
      expect(targets.length).toBeLessThanOrEqual(60);
      for (const name of targets) {
        expect(targets).toContain(name.endsWith("-dev") ? name.replace(/-dev$/, "") : `${name}-dev`);
      }
    }
  });

  it("keep a third variant with its pair", () => {
    const planned = Array.from({ length: 25 }, (_, index) => {
      const debug = sampleDebug({ image: `image${index}`, branch: "3.22" });
      return [...release(`image${index}`, "3.22"), samplePlanned(debug, { reasons: [{ kind: "missing" }] })];
    }).flat();
    const jobs = jobsOf(planned, []);
    expect(jobs.flatMap(({ targets }) => targets)).toEqual(planned.map(({ target }) => target.name));
    for (const { targets } of jobs) expect(targets[0]).toMatch(/:22$/);
    expect(jobs.map(({ targets }) => targets.length)).toEqual([36, 36, 3]);
  });

  it("are never more than GitHub lets a matrix have", () => {
    const planned = Array.from({ length: 9000 }, (_, index) => release(`image${index}`, "3.22")).flat();
    const jobs = jobsOf(planned, []);
    expect(jobs.length).toBeLessThanOrEqual(256);
    expect(jobs.flatMap(({ targets }) => targets)).toHaveLength(18_000);
  });

  it("leave out what cannot be built", () => {
    const blocked = release("node", "3.22").map((one) => ({
      ...one,
      obstacle: { text: "v3.22 has no nodejs", excused: true },
    }));
    expect(jobsOf(blocked, [])).toEqual([]);
  });
});

describe("a matrix", () => {
  const jobs = jobsOf(release("node", "3.22"), []);

  it("of GitHub has a job in each entry, and says how many there are", () => {
    expect(matrixOf(jobs, "github")).toEqual({
      count: 1,
      matrix: { include: [{ ...jobs[0], targets: "node:22 node:22-dev" }] },
    });
    expect(matrixOf([], "github")).toEqual({ count: 0, matrix: { include: [] } });
  });

  it("of GitLab is a child pipeline, which is never empty", () => {
    expect(matrixOf(jobs, "gitlab")).toEqual({
      "rebuild 3.22": { script: ["npm run -s birdhouse -- rebuild node:22 node:22-dev"] },
    });
    expect(matrixOf([], "gitlab")).toEqual({ "nothing to do": { script: ["echo 'Nothing to do.'"] } });
  });
});
