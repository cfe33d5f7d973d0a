import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { isOurs, ownerName, personName, runName } from "../../../scripts/app/lock-owner.ts";

const GITHUB = {
  GITHUB_SERVER_URL: "https://github.example",
  GITHUB_REPOSITORY: "birds/house",
  GITHUB_RUN_ID: "4711",
  GITHUB_RUN_ATTEMPT: "2",
};
const GITLAB = {
  CI_PROJECT_URL: "https://gitlab.example/birds/house",
  CI_PIPELINE_ID: "12",
  CI_JOB_URL: "https://gitlab.example/birds/house/-/jobs/3",
};

describe("who publishes", () => {
  it("is a process on a machine, and the run of a CI, for others to find", () => {
    expect(ownerName({})).toMatch(new RegExp(`^.+@${hostname()}, process ${process.pid}, since 20`));
    expect(ownerName(GITHUB)).toContain(", https://github.example/birds/house/actions/runs/4711, since ");
    expect(ownerName(GITLAB)).toContain(`, ${GITLAB.CI_JOB_URL}, since `);
    expect(isOurs(ownerName({}))).toBe(true);
    expect(isOurs("ann@elsewhere, process 1, since then")).toBe(false);
  });

  it("who holds tags is the same, without the process", () => {
    expect(personName({})).toMatch(new RegExp(`^.+@${hostname()}$`));
    expect(personName(GITHUB)).toBe("https://github.example/birds/house/actions/runs/4711");
  });

  it("is one run in all its jobs, and another one when it is tried again", () => {
    expect(runName({})).toBeUndefined();
    expect(runName(GITHUB)).toBe("birds/house 4711 2");
    expect(runName(GITLAB)).toBe("https://gitlab.example/birds/house 12");
    expect(runName({ ...GITHUB, BIRDHOUSE_RUN: "x" })).toBe("x");
  });
});
