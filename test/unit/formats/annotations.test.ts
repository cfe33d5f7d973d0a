import { describe, expect, it } from "vitest";
import {
  inputsAnnotation,
  readBuilder,
  readInputs,
  readSizes,
  sizesAnnotations,
} from "../../../scripts/formats/annotations.ts";
import type { ImageSizes } from "../../../scripts/model/published.ts";

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

it.each([
  ["0.1.0", "0.1.0"],
  ["1.20.3-rc.1", "1.20.3-rc.1"],
  ["0.1", undefined],
  ["0.1.0\n0.2.0", undefined],
  ["\u001b[31m0.1.0", undefined],
])("a Birdhouse that calls itself %j is %j", (text, version) => {
  expect(readBuilder({ "birdhouse.version": text })).toBe(version);
});

describe("annotations of sizes", () => {
  const sizes: ImageSizes = new Map([
    [
      "linux/arm64",
      { compressed: 10, unpacked: 40, packages: new Map([["b", { version: "2-r1", unpacked: 9 }]]) },
    ],
    [
      "linux/amd64",
      {
        compressed: 20,
        unpacked: 50,
        packages: new Map([
          ["so-b", { version: "1-r0", unpacked: 0 }],
          ["a", { version: "1-r0", unpacked: 33 }],
        ]),
      },
    ],
  ]);

  it.each([
    ["a list of platforms", "[]"],
    ["a list of packages", '{"linux/amd64":[]}'],
    ["a package without its bytes", '{"linux/amd64":{"a":["1-r0"]}}'],
    ["a version that is a number", '{"linux/amd64":{"a":[1,33]}}'],
    ["bytes below nothing", '{"linux/amd64":{"a":["1-r0",-1]}}'],
    ["bytes in text", '{"linux/amd64":{"a":["1-r0","33"]}}'],
    ["null", '{"linux/amd64":null}'],
  ])("say nothing where the packages are %s", (_, text) => {
    expect(readSizes({ ...sizesAnnotations(sizes), "birdhouse.packages": text })).toBeUndefined();
  });

  it("bring them back as they were", () => {
    expect(readSizes({ "org.example.other": "1", ...sizesAnnotations(sizes) })).toEqual(sizes);
  });

  it("are short, and the same in whatever order the sizes come", () => {
    expect(sizesAnnotations(sizes)).toEqual({
      "birdhouse.packages":
        '{"linux/amd64":{"a":["1-r0",33],"so-b":["1-r0",0]},"linux/arm64":{"b":["2-r1",9]}}',
      "birdhouse.sizes":
        '{"linux/amd64":{"compressed":20,"unpacked":50},"linux/arm64":{"compressed":10,"unpacked":40}}',
    });
    expect(JSON.stringify(sizesAnnotations(new Map([...sizes].reverse())))).toBe(
      JSON.stringify(sizesAnnotations(sizes)),
    );
  });

  it.each([
    ["no annotations", undefined],
    ["none of ours, as of an older Birdhouse", inputsAnnotation({ branch: "3.22" })],
    ["only one of the two", { "birdhouse.sizes": "{}" }],
    ["no JSON", { ...sizesAnnotations(sizes), "birdhouse.packages": "{" }],
    ["numbers that are none", { ...sizesAnnotations(sizes), "birdhouse.packages": '{"p":{"a":["1","2"]}}' }],
    [
      "negative bytes",
      { ...sizesAnnotations(sizes), "birdhouse.sizes": '{"p":{"compressed":-1,"unpacked":1}}' },
    ],
  ])("say nothing of an image that has %s", (_, annotations) => {
    expect(readSizes(annotations)).toBeUndefined();
  });
});
