import { describe, expect, it } from "vitest";
import type { Platform } from "../../../scripts/model/platform.ts";
import { jobsOf, joinOf, matrixOf } from "../../../scripts/plan/matrix.ts";
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

describe("a plan's jobs where each platform has a machine of its own", () => {
  const BOTH = ["linux/amd64", "linux/arm64"] as const;
  const RUNNERS = { "linux/amd64": "ubuntu-latest", "linux/arm64": "ubuntu-24.04-arm" };
  /** Both variants of a version, each for some platforms. */
  const made = (image: string, runtime: readonly Platform[], dev = runtime) =>
    release(image, "3.22").map((one, index) => ({ ...one, platforms: index === 0 ? runtime : dev }));

  it("make one platform each, on its machine", () => {
    const jobs = jobsOf([...made("node", BOTH), ...made("go", ["linux/amd64"])], ["--sign", "off"], RUNNERS);
    expect(jobs.map(({ name, targets, half }) => [name, half?.runner, targets.join(" ")])).toEqual([
      ["3.22 linux/amd64", "ubuntu-latest", "node:22 node:22-dev go:22 go:22-dev"],
      ["3.22 linux/arm64", "ubuntu-24.04-arm", "node:22 node:22-dev"],
    ]);
    expect(jobs[1]?.command).toMatch(/ rebuild node:22 node:22-dev --sign off --half linux\/arm64$/);
  });

  it("make what their machine cannot test on one that can", () => {
    const jobs = jobsOf(made("lua", BOTH, ["linux/amd64"]), [], RUNNERS);
    expect(jobs.map(({ name, half }) => [name, half?.platform, half?.runner])).toEqual([
      ["3.22 linux/amd64", "linux/amd64", "ubuntu-latest"],
      ["3.22 linux/arm64 on linux/amd64", "linux/arm64", "ubuntu-latest"],
    ]);
  });

  it("emulate a platform only where the catalog says so", () => {
    const emulated = { "linux/amd64": "ubuntu-latest", "linux/arm64": "emulated" };
    const jobs = jobsOf(made("node", BOTH), [], emulated);
    expect(jobs.map(({ name, half }) => [name, half?.runner, half?.emulated])).toEqual([
      ["3.22 linux/amd64", "ubuntu-latest", false],
      ["3.22 linux/arm64", "ubuntu-latest", true],
    ]);
    const one = { "linux/amd64": "ubuntu-latest" };
    expect(() => jobsOf(made("node", BOTH), [], one)).toThrow("name no machine for linux/arm64");
    expect(() => jobsOf(made("node", ["linux/arm64"]), [], emulated)).toThrow("for any platform of node:22");
  });

  it("are never more than GitHub lets a matrix have", () => {
    const planned = Array.from({ length: 9000 }, (_, index) => made(`image${index}`, BOTH)).flat();
    expect(jobsOf(planned, [], RUNNERS).length).toBeLessThanOrEqual(256);
  });

  it("end with one that joins what they made", () => {
    const jobs = jobsOf(made("node", BOTH), [], RUNNERS);
    const join = joinOf(jobs, []);
    expect(join?.targets).toEqual(["node:22", "node:22-dev"]);
    expect(joinOf(jobsOf(made("node", BOTH), []), [])).toBeUndefined();
    expect(matrixOf(jobs, "github", join)).toMatchObject({
      count: 2,
      join: { targets: "node:22 node:22-dev" },
      matrix: {
        include: [
          { runner: "ubuntu-latest", emulated: false, options: "--half linux/amd64" },
          { runner: "ubuntu-24.04-arm", platform: "linux/arm64" },
        ],
      },
    });
    expect(matrixOf(jobs, "gitlab", join)).toMatchObject({
      "rebuild 3.22 linux/amd64": { tags: ["ubuntu-latest"] },
      join: {
        stage: "deploy",
        when: "always",
        script: [expect.stringMatching(/ join node:22 node:22-dev$/)],
      },
    });
  });
});
