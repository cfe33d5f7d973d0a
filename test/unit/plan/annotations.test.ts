import { describe, expect, it } from "vitest";
import { inputsAnnotation, readInputs } from "../../../scripts/plan/annotations.ts";

const KEY = "birdhouse.inputs";

describe("annotations", () => {
  it("bring inputs back as they were, among whatever else is there", () => {
    const inputs = { branch: "3.22", packages: ["!pyc", "so:libz.so.1"], links: ["/a→ü"], env: [] };
    const annotations = { "org.example.other": "1", ...inputsAnnotation(inputs) };
    expect(Object.keys(inputsAnnotation(inputs))).toEqual([KEY]);
    expect(readInputs(annotations)).toEqual(inputs);
  });

  it.each([
    ["no annotations", undefined],
    ["none of ours", { "org.example.other": "{}" }],
    ["no JSON", { [KEY]: "{branch" }],
    ["an empty text", { [KEY]: "" }],
    ["JSON that is no object", { [KEY]: '["3.22"]' }],
    ["null", { [KEY]: "null" }],
    ["values of other kinds", { [KEY]: '{"branch":3.22}' }],
    ["lists of other kinds", { [KEY]: '{"packages":["a",1]}' }],
  ])("say nothing of an image that has %s", (_, annotations) => {
    expect(readInputs(annotations)).toBeUndefined();
  });
});
