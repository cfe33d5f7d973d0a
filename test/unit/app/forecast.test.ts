import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forecastRun, pastTargets } from "../../../scripts/app/forecast.ts";
import { journalFile, runsIn } from "../../../scripts/report/runs/journal.ts";
import type { JournalRecord, RunRecord } from "../../../scripts/report/runs/record.ts";
import { makeFolderNow } from "../../../scripts/system/files/files.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";
import { done, PLAN, RECORDS, RUN } from "../report/runs/sample-journal.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "forecast-"));
  makeFolderNow(runsIn(folder));
});
afterEach(() => rm(folder, { recursive: true }));

/** Puts the journal of a run into the state directory. */
async function leave(id: string, changes: Partial<RunRecord>, records: readonly JournalRecord[]) {
  const lines = [{ ...RUN, id, ...changes }, ...records].map((one) => JSON.stringify(one));
  await writeFile(journalFile(runsIn(folder), id), `${lines.join("\n")}\n`);
}

/** A run that built one target in so many seconds. */
function built(target: string, seconds: number): JournalRecord[] {
  const finished: JournalRecord = { type: "finished", at: RUN.at, target, stage: "build", seconds };
  return [PLAN, finished, done(target)];
}

const past = (...names: string[]) => pastTargets(runsIn(folder), "catalog", new Set(names));

describe("pastTargets", () => {
  it("knows what was done, with its times and what it weighed, and not what failed", async () => {
    await leave("2026-11-25T030000Z-1", {}, RECORDS.slice(1));
    expect(await past("node:22")).toEqual(
      new Map([["node:22", { seconds: { build: 20, smoke: 3.5, publish: 0.5 }, bytes: 28_000_000 }]]),
    );
  });

  it("takes the newest run that tells, of the same origin of packages", async () => {
    await leave("2026-11-24T030000Z-1", {}, built("node:22", 9));
    await leave("2026-11-25T030000Z-1", {}, built("node:22", 8));
    await leave("2026-11-26T030000Z-1", { profile: "sandbox" }, built("node:22", 7));
    await leave("2026-11-27T030000Z-1", {}, [PLAN, done("node:22")]);
    expect((await past("node:22", "lua:5.4")).get("node:22")?.seconds.build).toBe(8);
  });

  it("reads no more runs than it needs", async () => {
    await leave("2026-11-24T030000Z-1", {}, built("lua:5.4", 9));
    await leave("2026-11-25T030000Z-1", {}, built("node:22", 8));
    expect([...(await past("node:22")).keys()]).toEqual(["node:22"]);
    expect([...(await past("node:22", "lua:5.4")).keys()]).toEqual(["node:22", "lua:5.4"]);
  });
});

describe("forecastRun", () => {
  const { runtime, dev } = sampleRelease();
  const due = [runtime, dev].map((target) => samplePlanned(target));
  const forecast = (planned = due) =>
    forecastRun({ profile: "catalog" }, planned, {
      ...{ catalog: join(folder, "catalog.yaml"), state: folder, concurrency: 2 },
    });

  it("tells nothing of nothing", async () => {
    expect(await forecast([])).toBeUndefined();
  });

  it("goes by the sizes beside the catalog until a run has told more", async () => {
    const measured = { branch: "3.22", index: "v3.22.2-206", date: "2025-11-16", packages: 8, installed: 9 };
    const targets = { "node:22": { ...measured, compressed: 30_000_000, largest: {} } };
    await writeFile(join(folder, "sizes.json"), JSON.stringify({ targets, savings: {} }));
    expect(await forecast()).toMatchObject({ basis: "sizes", known: 1, bytes: 160_000_000 });
    await leave("2026-11-25T030000Z-1", {}, built("node:22", 8));
    expect(await forecast()).toMatchObject({ basis: "runs", known: 1 });
  });

  it("does without what it cannot read", async () => {
    await writeFile(join(folder, "sizes.json"), "{");
    await rm(runsIn(folder), { recursive: true });
    expect(await forecast()).toMatchObject({ basis: "sizes", known: 0, targets: 2 });
  });
});
