import { describe, expect, it } from "vitest";
import { formatDependency, matches } from "../../../../sandbox/apk/words.ts";
import { parseDependency } from "../../../../scripts/formats/alpine/dependency.ts";

describe("a dependency", () => {
  it.each([
    "nodejs",
    "nodejs~22",
    "a>=1.2-r0",
    "!pyc",
    "!a<1",
    "so:libz.so.1",
    "cmd:[=9.1-r0",
    "x=1.0~abc123-r0",
    "x~1.0~abc",
    "/bin/sh",
    "go=1.2@edge",
  ])("is written as it was read: %s", (text) => {
    expect(formatDependency(parseDependency(text))).toBe(text);
  });

  it("is matched by what is offered under its name, in a version that it wants", () => {
    const wanted = parseDependency("a~1.2");
    expect(matches(wanted, { name: "a", version: "1.2.9-r0" })).toBe(true);
    expect(matches(wanted, { name: "a", version: "1.3" })).toBe(false);
    expect(matches(wanted, { name: "a" })).toBe(false);
    expect(matches(wanted, { name: "b", version: "1.2" })).toBe(false);
    expect(matches(parseDependency("a"), { name: "a" })).toBe(true);
  });
});
