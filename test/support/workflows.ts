import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";

export const PROJECT = resolve(fileURLToPath(import.meta.url), "../../..");
const FOLDER = ".github/workflows";

/** The action that makes a job ready, and where a workflow has it once it has checked out its own repository. */
export const SETUP = ".github/actions/setup";
const CHECKED_OUT = `./.birdhouse/workflows/${SETUP}`;

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const stepSchema = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  if: scalar.optional(),
  env: z.record(z.string(), scalar).default({}),
  with: z.record(z.string(), scalar).default({}),
});
export type Step = z.infer<typeof stepSchema>;

const permissionsSchema = z.record(z.string(), z.enum(["read", "write", "none"]));

/** A job that runs steps, or one that calls another workflow. */
const jobSchema = z.union([
  z.strictObject({
    uses: z.string(),
    needs: z.string().optional(),
    if: z.string().optional(),
    permissions: permissionsSchema.optional(),
    with: z.record(z.string(), scalar).default({}),
    secrets: z.record(z.string(), z.string()).default({}),
  }),
  z.looseObject({
    uses: z.undefined().optional(),
    "timeout-minutes": z.number(),
    permissions: permissionsSchema.optional(),
    env: z.record(z.string(), scalar).default({}),
    steps: z.array(stepSchema),
  }),
]);

const declared = z.record(z.string(), z.looseObject({ required: z.boolean().default(false) }));
const callSchema = z.looseObject({ inputs: declared.default({}), secrets: declared.default({}) });

const workflowSchema = z.looseObject({
  on: z.looseObject({ workflow_call: callSchema.optional() }),
  permissions: permissionsSchema,
  env: z.record(z.string(), scalar).default({}),
  jobs: z.record(z.string(), jobSchema),
});

/** A workflow of GitHub Actions, as far as tests look at it. */
export interface Workflow extends z.infer<typeof workflowSchema> {
  /** `.github/workflows/nightly.yml` */
  readonly file: string;
  readonly text: string;
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
  return { file, text, ...workflowSchema.parse(parse(text)) };
}

/** The steps of the action that all jobs share, and the text of it. */
export function readSetup(): { readonly text: string; readonly steps: readonly Step[] } {
  const text = readFileSync(join(PROJECT, SETUP, "action.yml"), "utf8");
  const { runs } = z
    .looseObject({
      runs: z.looseObject({
        using: z.literal("composite"),
        steps: z.array(stepSchema),
      }),
    })
    .parse(parse(text));
  return { text, steps: runs.steps };
}

/** The steps of a job, in their order, with those of the action in its place. */
export function stepsOf(workflow: Workflow | undefined, job: string): Step[] {
  const { steps } = { steps: [], ...workflow?.jobs[job] } as { steps: Step[] };
  return steps.flatMap((step) => (step.uses === CHECKED_OUT ? readSetup().steps : [step]));
}

/** The lines that a job runs, in their order. */
export function runLinesOf(workflow: Workflow | undefined, job: string): string[] {
  return stepsOf(workflow, job).flatMap(({ run }) => (run === undefined ? [] : [run]));
}

/** How much a permission allows. */
const ALLOWS = { none: 0, read: 1, write: 2 };

/**
 * What GitHub refuses of a call: an input or a secret that the other workflow does not take or is not given, and a
 * permission that one of its jobs wants and the caller has not. Source: GitHub's docs, "Reusing workflow configurations".
 */
export function wrongOfCall(caller: Workflow, job: string, called: Workflow): string[] {
  const call = caller.jobs[job];
  const takes = called.on.workflow_call;
  if (!call?.uses || !takes) return [`${job} calls no workflow that can be called`];
  const given = { inputs: Object.keys(call.with), secrets: Object.keys(call.secrets) };
  const wrong = (["inputs", "secrets"] as const).flatMap((kind) => [
    ...given[kind].filter((name) => !takes[kind][name]).map((name) => `${name} is none of its ${kind}`),
    ...Object.entries(takes[kind])
      .filter(([name, { required }]) => required && !given[kind].includes(name))
      .map(([name]) => `${name} of its ${kind} is missing`),
  ]);
  const has = call.permissions ?? caller.permissions;
  const wants = Object.values(called.jobs).flatMap((one) =>
    Object.entries(one.permissions ?? called.permissions),
  );
  const lacks = wants.filter(([name, level]) => ALLOWS[level] > ALLOWS[has[name] ?? "none"]);
  return [...wrong, ...new Set(lacks.map(([name, level]) => `it may not ${level} ${name}`))];
}
