import { describe, expect, it, test } from "vitest";
import { fillTemplate, SAMPLE_VIEW, templateProblem } from "../../../../scripts/catalog/schema/template.ts";
import { DEFAULT_TEMPLATE } from "../../../../scripts/model/webhook.ts";
import { viewOf } from "../../../../scripts/report/notify.ts";
import { at, night, SUMMARY } from "../../report/runs/sample-journal.ts";

describe("fillTemplate", () => {
  it("breaks no JSON, whatever the values", () => {
    const template =
      '{"text": {{json text}}, "run": {{json id}}, "error": {{json error}}, "n": {{upToDate}} }';
    for (const view of [SAMPLE_VIEW, viewOf(SUMMARY), viewOf(night())]) {
      expect(JSON.parse(fillTemplate(template, view))).toEqual({
        ...{ text: view.text, run: view.id, error: view.error ?? null, n: view.upToDate },
      });
    }
  });

  it("leaves empty what a run has nothing of", () => {
    expect(fillTemplate("<{{error}}{{failure.x}}{{#each failed}}x{{/each}}>", viewOf(night()))).toBe("<>");
  });
});

describe("templateProblem", () => {
  test.each([
    DEFAULT_TEMPLATE,
    '{"a": {{json error}}, "b": [{{#each failed}}{{json failure.message}}{{#unless @last}},{{/unless}}{{/each}}]}',
    '{{#if (lookup targets 0)}}{"a": {{json targets.0.platforms.0.before.compressed}} }{{/if}}',
    "{{#each unknown as |one|}}{{json one.problem}}{{/each}}",
    "{{json this}}",
  ])("is nothing with %s", (template) => {
    expect(templateProblem(template, true)).toBeUndefined();
  });

  test.each<[template: string, problem: RegExp]>([
    ["{{json text", /^this template does not compile: Parse error on line 1: \{\{json text$/],
    [
      '{"a": {{json text}}}',
      /^this template does not compile: Parse error .*: put a space between \}\} and the \} behind it$/,
    ],
    ['{\n "a": {{#if text}}1{{/each}}\n}', /^this template does not compile: if doesn't match each - 2:9$/],
    ['{"a": {{nojson text}} }', /^in its line 1, column 9, this template uses "nojson"/],
    [
      '{\n  "a": {{#if verdit}}1{{/if}}\n}',
      /^in its line 2, column 14, this template uses "verdit", which does not exist; a run has id, .*, cves$/,
    ],
    [
      '{"text": "{{text}}"}',
      /^the result of this template is not JSON \(.*\); write values as \{\{json text\}\}/,
    ],
    ["{{text}}", /^the result of this template is not JSON/],
  ])("%s", (template, problem) => {
    expect(templateProblem(template, true)).toMatch(problem);
  });

  it("lets anything be sent that is not to be JSON", () => {
    expect(templateProblem("{{text}}", false)).toBeUndefined();
  });
});

test("the text names no more failures than are read", () => {
  const failed = SUMMARY.targets.filter(({ status }) => status === "failed");
  const targets = [...Array(13)].flatMap((_, index) =>
    failed.map((one) => ({
      ...one,
      target: `lua:${index}`,
      failedRuns: 1,
      failure: { stage: "build" as const, message: `cause ${index}` },
    })),
  );
  const alike = targets.map((one) => ({
    ...one,
    failure: { stage: "build" as const, message: "one cause" },
  }));
  expect(
    viewOf({ ...SUMMARY, targets: alike })
      .text.split("\n")
      .slice(1),
  ).toEqual(["✖ lua:0 and 12 more: build: one cause"]);
  const lines = viewOf({ ...SUMMARY, targets }).text.split("\n");
  expect(lines).toHaveLength(12);
  expect(lines.at(-1)).toBe("✖ 3 more");
  expect(viewOf(night({ type: "end", at: at(1), exitCode: 0 })).text).toBe(
    "Birdhouse, registry.example/base: Nothing to do: 0 targets up to date",
  );
});

test("whatever a template takes of a run can be shown: nothing in it is obeyed", () => {
  const spite = "\x1b[2J\u202e\n::error::owned ##vso[x]\x9b31m";
  const failed = SUMMARY.targets
    .filter(({ status }) => status === "failed")
    .map((one) => ({ ...one, target: spite, failure: { stage: "build" as const, message: spite } }));
  const view = viewOf({ ...SUMMARY, targets: failed, notes: [spite], error: spite, registry: spite });
  const texts: string[] = [];
  JSON.stringify(view, (_, value) => {
    if (typeof value === "string") texts.push(value);
    return value;
  });
  expect(texts.join("\n")).toContain("owned");
  for (const text of texts) expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|^\s*::|##\w*\[/mu);
});
