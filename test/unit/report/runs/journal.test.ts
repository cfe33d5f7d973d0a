import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  findJournal,
  journalFile,
  parseJournal,
  RunJournalFile,
  readEarlier,
  readRunJournals,
  runId,
  runIds,
  runsIn,
} from "../../../../scripts/report/runs/journal.ts";
import type { RunJournal } from "../../../../scripts/report/runs/record.ts";
import { UserError } from "../../../../scripts/system/errors.ts";
import { typed } from "../../../../scripts/system/shown/started.ts";
import { temporaryDirectory } from "../../formats/oci/sample-image.ts";
import { at, RECORDS, RUN } from "./sample-journal.ts";

const TEXT = RECORDS.map((record) => `${JSON.stringify(record)}\n`).join("");

describe("parseJournal", () => {
  it("reads what was written", () => {
    expect(parseJournal(TEXT)).toEqual({ run: RUN, records: RECORDS });
  });

  it("reads a journal that ends anywhere, as far as it is whole", () => {
    for (let length = TEXT.indexOf("\n") + 1; length < TEXT.length; length += 7) {
      const whole = TEXT.slice(0, length).split("\n").length - 1;
      const { records } = parseJournal(TEXT.slice(0, length)) ?? {};
      // A line may lack nothing but its end.
      expect([whole, whole + 1]).toContain(records?.length);
      expect(records).toEqual(RECORDS.slice(0, records?.length));
    }
  });

  it("leaves out lines that it does not know", () => {
    const strange = `{"type":"weather","at":"${at(3)}"}\nnonsense\n{"type":"note","at":"yesterday","text":"x"}\n`;
    expect(parseJournal(TEXT + strange)?.records).toEqual(RECORDS);
  });

  it("reads nothing where the first line is gone", () => {
    expect(parseJournal("")).toBeUndefined();
    expect(parseJournal(TEXT.slice(20))).toBeUndefined();
    expect(parseJournal(TEXT.replace('"format":1', '"format":2'))).toBeUndefined();
  });
});

describe("a directory of journals", () => {
  async function idsOf(journals: AsyncIterable<RunJournal>): Promise<string[]> {
    const ids: string[] = [];
    for await (const { run } of journals) ids.push(run.id);
    return ids;
  }
  async function directoryWith(...ids: string[]): Promise<string> {
    const directory = await temporaryDirectory();
    for (const id of ids) {
      await writeFile(journalFile(directory, id), `${JSON.stringify({ ...RUN, id })}\n`);
    }
    return directory;
  }
  const [OLD, NEW] = ["2026-11-24T030000Z-7", "2026-11-25T030000Z-4711"];

  it("has its runs in order, the newest first, and nothing else", async () => {
    const directory = await directoryWith(OLD, NEW);
    await writeFile(join(directory, `${OLD}.md`), "");
    await writeFile(join(directory, "latest.md"), "");
    expect(await runIds(directory)).toEqual([NEW, OLD]);
    expect(await runIds(join(directory, "nowhere"))).toEqual([]);
  });

  it("has its runs by their names, not by the order of the disk, and is no file", async () => {
    const ids = ["2026-11-25T030000Z-9", "2026-11-23T030000Z-1", "2026-11-24T030000Z-5"];
    expect(await runIds(await directoryWith(...ids))).toEqual([ids[0], ids[2], ids[1]]);
    const file = join(await directoryWith(OLD), "file");
    await writeFile(file, "");
    await expect(runIds(file)).rejects.toThrow("ENOTDIR");
    expect(runsIn("/state")).toBe("/state/runs");
  });

  it("says what to do where there is no such run, and where one cannot be read", async () => {
    const directory = await directoryWith(OLD, NEW);
    const hintFor = (which: string, where = directory) =>
      findJournal(where, which).then(
        () => undefined,
        (error: unknown) => (error instanceof UserError ? error.hint : error),
      );
    const some = `give a number from 1 (newest) to 2, or an ID shown by ${typed("runs")}`;
    expect(await hintFor("3")).toBe(some);
    // A number has up to six digits, and nothing else in it.
    for (const which of ["1x", "x1", "0000001"]) expect(await hintFor(which)).toBe(some);
    expect((await findJournal(directory, "000002")).run.id).toBe(OLD);
    expect(await hintFor("1", join(directory, "none"))).toBe(
      "no run has used this state directory yet: name another one with --state",
    );
    await writeFile(journalFile(directory, NEW), "");
    await expect(findJournal(directory, NEW)).rejects.toThrow(
      `the journal of run ${NEW} in ${directory} cannot be read: its first line does not say which run it is`,
    );
    expect(await hintFor(NEW)).toBe(
      "another version of Birdhouse wrote it, or it is damaged: read the file itself, or remove it",
    );
  });

  it("leaves out what cannot be read", async () => {
    const directory = await directoryWith(OLD, NEW);
    await writeFile(journalFile(directory, NEW), "");
    expect(await idsOf(readRunJournals(directory))).toEqual([OLD]);
  });

  it("finds a run by number and by name, and says what there is", async () => {
    const directory = await directoryWith(OLD, NEW);
    expect((await findJournal(directory, "1")).run.id).toBe(NEW);
    expect((await findJournal(directory, "2")).run.id).toBe(OLD);
    expect((await findJournal(directory, OLD)).run.id).toBe(OLD);
    for (const which of ["0", "3", "yesterday", "../x"]) {
      await expect(findJournal(directory, which)).rejects.toThrow(`there is no run ${which} in ${directory}`);
    }
    await writeFile(journalFile(directory, NEW), "{");
    await expect(findJournal(directory, "1")).rejects.toThrow(/cannot be read/);
  });

  it("compares a run with earlier ones of the same command and registry only", async () => {
    const directory = await directoryWith(OLD, NEW);
    for (const [id, changes] of Object.entries({
      "2026-11-23T030000Z-1": { verb: "build" },
      "2026-11-23T030000Z-2": { registry: "other.example/base" },
      "2026-11-26T030000Z-1": {},
    })) {
      await writeFile(journalFile(directory, id), JSON.stringify({ ...RUN, ...changes, id }));
    }
    const earlier = readEarlier(directory, { run: RUN, records: [] });
    expect(await idsOf(earlier)).toEqual([OLD]);
  });
});

describe("RunJournalFile", () => {
  it("has each line on disk before the next thing happens", async () => {
    const directory = join(await temporaryDirectory(), "state/runs");
    const journal = new RunJournalFile(directory, RUN, () => {});
    for (const record of RECORDS.slice(1)) {
      journal.write(record);
      const text = await readFile(journalFile(directory, RUN.id), "utf8");
      expect(parseJournal(text)?.records).toEqual(journal.records);
    }
    journal.write({ type: "note", at: at(70), text: "too late" });
    expect(journal.records).toEqual(RECORDS);
  });

  it("that cannot be written says so once, and keeps nobody from working", async () => {
    const directory = await temporaryDirectory();
    await mkdir(journalFile(directory, RUN.id));
    const problems: string[] = [];
    const journal = new RunJournalFile(directory, RUN, (text) => problems.push(text));
    for (const record of RECORDS.slice(1)) journal.write(record);
    expect(problems).toEqual([expect.stringMatching(/^this run's journal cannot be written: EISDIR/)]);
    expect(journal.records).toEqual(RECORDS);
  });

  it("is named by when the run began", () => {
    expect(runId(new Date("2026-11-25T03:00:00.123Z"), 4711)).toBe(RUN.id);
  });
});
