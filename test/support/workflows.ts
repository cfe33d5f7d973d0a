import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";

export const PROJECT = resolve(fileURLToPath(import.meta.url), "../../..");
const FOLDER = ".github/workflows";

const workflowSchema = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.looseObject({
      "timeout-minutes": z.number(),
      steps: z.array(z.looseObject({ uses: z.string().optional(), run: z.string().optional() })),
    }),
  ),
});

/** A workflow of GitHub Actions, as far as tests look at it. */
export interface Workflow {
  /** `.github/workflows/nightly.yml` */
  readonly file: string;
  readonly text: string;
  readonly jobs: z.infer<typeof workflowSchema>["jobs"];
}

/** All workflows of the project. @throws ZodError where one says no permissions, or a job has no time limit */
export function readWorkflows(): Workflow[] {
  return readdirSync(join(PROJECT, FOLDER)).map((name) => {
    const file = `${FOLDER}/${name}`;
    return workflowOf(file, readFileSync(join(PROJECT, file), "utf8"));
  });
}

/** The workflow that a text is. @throws ZodError likewise */
export function workflowOf(file: string, text: string): Workflow {
  return { file, text, jobs: workflowSchema.parse(parse(text)).jobs };
}

/** The lines that a job runs, in their order. */
export function runLinesOf(workflow: Workflow | undefined, job: string): string[] {
  return (workflow?.jobs[job]?.steps ?? []).flatMap(({ run }) => (run === undefined ? [] : [run]));
}
