import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeReports } from "../../../scripts/app/account.ts";
import type { RunSummary } from "../../../scripts/model/run.ts";
import { runMarkdown } from "../../../scripts/report/run-markdown.ts";
import { runReports } from "../../support/run-page.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";
import { night, SUMMARY } from "../report/runs/sample-journal.ts";

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
