import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type AccountSession, type Run, withRun, writeReports } from "../../../scripts/app/account.ts";
import type { EngineOptions } from "../../../scripts/app/options.ts";
import type { RunSummary } from "../../../scripts/model/run.ts";
import type { Event, Listener } from "../../../scripts/pipeline/events.ts";
import { runMarkdown } from "../../../scripts/report/run-markdown.ts";
import { readRunJournals, runIds } from "../../../scripts/report/runs/journal.ts";
import { summaryOf } from "../../../scripts/report/runs/summarize.ts";
import { Interrupted, UserError } from "../../../scripts/system/errors.ts";
import { runReports } from "../../support/run-page.ts";
import { sampleCatalog, samplePlanned, sampleTarget } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";
import { night, SUMMARY } from "../report/runs/sample-journal.ts";

const DUE = samplePlanned(sampleTarget(), { reasons: [{ kind: "missing" }] });
const FAILURE: Event = { type: "failed", target: "node:22", stage: "build", message: "no such package" };

describe("withRun", () => {
  let state: string;
  let aside = 0;
  beforeEach(async () => {
    state = await temporaryDirectory();
    const { exitCode } = process;
    onTestFinished(() => {
      process.exitCode = exitCode;
    });
  });

  /** Runs something in a session of which nothing is there but what an account needs. */
  async function run(use: (run: Run, listener: Listener) => Promise<number> | number, verb = "rebuild") {
    const heard: Event[] = [];
    const listeners: Listener[] = [(event) => void heard.push(event)];
    const listener: Listener = (event) => {
      for (const listen of listeners) listen(event);
    };
    const session: AccountSession = {
      profile: "catalog",
      listener,
      listen: (added) => void listeners.push(added),
      catalog: {
        ...sampleCatalog(),
        notify: [{ url: "env://NO_SUCH_VARIABLE", when: "failure", headers: {} }],
      },
      today: new Date(),
    };
    const options: EngineOptions = {
      ...{ catalog: "catalog.yaml", json: false, profile: "catalog", state, mirrorPort: 5080 },
      ...{ engine: "auto", lease: 600, concurrency: 1 },
    };
    const typed = { verb, patterns: [], options };
    const ended = withRun(session, typed, async (own) => use(own, listener));
    const thrown = await ended.then(
      () => undefined,
      (error: unknown) => error,
    );
    return { thrown, notes: heard.flatMap((event) => (event.type === "note" ? [event.text] : [])) };
  }

  const runs = () => join(state, "runs");
  async function last() {
    for await (const journal of readRunJournals(runs())) return summaryOf(journal);
    throw new Error("no run has left a journal");
  }

  it("ends with the exit code of the work, and leaves its account", async () => {
    const { thrown, notes } = await run((own, listener) => {
      own.planned([DUE]);
      listener({ type: "note", text: "hello" });
      listener(FAILURE);
      return 1;
    });
    expect([thrown, process.exitCode]).toEqual([undefined, 1]);
    const untold =
      "env://NO_SUCH_VARIABLE did not get the notification of this run: the environment variable NO_SUCH_VARIABLE is not set";
    expect(notes).toEqual(["hello", untold]);
    expect(await last()).toMatchObject({
      ...{ exitCode: 1, command: `npm run -s birdhouse -- rebuild --state ${state}`, notes },
      targets: [
        {
          ...{ target: "node:22", status: "failed", failedRuns: 1 },
          failure: { repeat: `npm run -s birdhouse -- build node:22 --state ${state}` },
        },
      ],
    });
    expect(await readFile(join(runs(), "latest.md"), "utf8")).toContain("## Failed: node:22 at build\n");
  });

  it.each([
    [new UserError("no key", "make one"), 2, "no key\n→ make one"],
    [new Error("disk full"), 1, "disk full"],
    [new Interrupted("SIGTERM"), 130, "interrupted by SIGTERM: "],
  ])("hands on %s, and writes down what the process will end with", async (error, exitCode, text) => {
    const { thrown } = await run(() => {
      throw error;
    });
    expect(thrown).toBe(error);
    expect(await last()).toMatchObject({ exitCode, error: expect.stringContaining(text) });
  });

  it("counts on where the run before, of the same command, has counted", async () => {
    const fail = async (verb: string) => {
      let counted: unknown;
      await run(async (own, listener) => {
        own.planned([DUE]);
        listener(FAILURE);
        counted = (await own.streaks()).get("node:22")?.runs;
        return 1;
      }, verb);
      // Two runs of one process in one second have one name.
      await setAside();
      return counted;
    };
    expect([
      await fail("rebuild"),
      await fail("build"),
      await fail("rebuild"),
      await fail("rebuild"),
    ]).toEqual([...[1, 1, 2, 3]]);
  });

  /** Gives the last run another name, of long ago, later than those that were set aside before it. */
  async function setAside() {
    const [id = ""] = await runIds(runs());
    const text = await readFile(join(runs(), `${id}.jsonl`), "utf8");
    aside++;
    const earlier = `2020-01-01T${String(aside).padStart(6, "0")}Z-1`;
    await writeFile(join(runs(), `${earlier}.jsonl`), text.replace(id, earlier));
    await rm(join(runs(), `${id}.jsonl`));
  }

  it("works all the same where no account can be left", async () => {
    await writeFile(runs(), "a file");
    const { thrown, notes } = await run((own, listener) => {
      own.planned([DUE]);
      listener(FAILURE);
      return 1;
    });
    expect([thrown, process.exitCode]).toEqual([undefined, 1]);
    expect(notes).toEqual([
      expect.stringMatching(/^this run's journal cannot be written: /),
      expect.stringMatching(/^cannot read earlier runs, so every failure counts as the first: /),
      expect.stringMatching(/^env:\/\/NO_SUCH_VARIABLE did not get the notification/),
      expect.stringMatching(/^cannot write the reports of this run: /),
    ]);
  });
});

/** As many earlier runs as anybody reads, and how many were read. */
function endless() {
  let read = 0;
  async function* runs(): AsyncGenerator<RunSummary> {
    for (;;) yield { ...SUMMARY, id: `before-${++read}` };
  }
  return { runs: runs(), read: () => read };
}

it("writes a report in each form, and again as that of the latest run", async () => {
  const directory = await temporaryDirectory();
  const earlier = endless();
  await writeReports(directory, { ...night(), id: "first" }, earlier.runs);
  await writeReports(directory, SUMMARY, endless().runs);
  const forms = Object.keys(runReports);
  const names = ["first", "latest", SUMMARY.id];
  expect((await readdir(directory)).sort()).toEqual(
    names.flatMap((name) => forms.map((form) => `${name}.${form}`)).sort(),
  );
  for (const name of ["latest.md", `${SUMMARY.id}.md`]) {
    expect(await readFile(join(directory, name), "utf8")).toBe(runMarkdown(SUMMARY));
  }
  expect(earlier.read()).toBe(30);
});
