import { describe, expect, it } from "vitest";
import {
  parseDependencies,
  parseDependency,
  parseProvisions,
} from "../../../../scripts/formats/alpine/dependency.ts";

describe("a dependency", () => {
  it.each([
    ["nodejs", { name: "nodejs", conflict: false }],
    ["nodejs~22", { name: "nodejs", conflict: false, constraint: { operator: "~", version: "22" } }],
    ["a>=1.2-r0", { name: "a", conflict: false, constraint: { operator: ">=", version: "1.2-r0" } }],
    ["!pyc", { name: "pyc", conflict: true }],
    ["!a<1", { name: "a", conflict: true, constraint: { operator: "<", version: "1" } }],
    ["so:libz.so.1", { name: "so:libz.so.1", conflict: false }],
    ["cmd:[=9.1-r0", { name: "cmd:[", conflict: false, constraint: { operator: "=", version: "9.1-r0" } }],
    [
      "x=1.0~abc123-r0",
      { name: "x", conflict: false, constraint: { operator: "=", version: "1.0~abc123-r0" } },
    ],
    ["x~1.0~abc", { name: "x", conflict: false, constraint: { operator: "~", version: "1.0~abc" } }],
    ["/bin/sh", { name: "/bin/sh", conflict: false }],
    [
      "go=1.2@edge",
      { name: "go", conflict: false, tag: "edge", constraint: { operator: "=", version: "1.2" } },
    ],
  ])("%s", (text, expected) => {
    expect(parseDependency(text)).toEqual(expected);
  });

  it.each(["", "=1", "a=", "a b", "!!a", "a=1=2", "a==1", "a><1", "@edge"])("refuses %j", (text) => {
    expect(() => parseDependency(text)).toThrow(JSON.stringify(text));
  });

  it("comes in lists", () => {
    expect(parseDependencies("a  b=1 ").map(({ name }) => name)).toEqual(["a", "b"]);
    expect(parseDependencies("")).toEqual([]);
    expect(parseProvisions("cmd:a=1 b")).toEqual([{ name: "cmd:a", version: "1" }, { name: "b" }]);
    expect(() => parseProvisions("a=1=2")).toThrow('"a=1=2"');
  });

  it("may be fulfilled by a command of any name", () => {
    expect(parseProvisions("cmd:kdevelop!=5.5.1-r0 cmd:[")).toEqual([
      { name: "cmd:kdevelop!", version: "5.5.1-r0" },
      { name: "cmd:[" },
    ]);
  });
});
