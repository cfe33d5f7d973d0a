import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { typed } from "../../../../scripts/system/shown/started.ts";
import { codeFiles, PROJECT } from "../../../support/code.ts";

const MAKE = { MAKELEVEL: "1" };

describe("a command to type", () => {
  it.each([
    [typed("list", [], [], {}), "npm run -s birdhouse -- list"],
    [typed("list", [], [], MAKE), "make list"],
    [typed("rebuild", ["node:22"], ["--force"], {}), "npm run -s birdhouse -- rebuild node:22 --force"],
    [typed("rebuild", ["node:22"], ["--force"], MAKE), "make rebuild ONLY=node:22 ARGS=--force"],
    [typed("rebuild", ["node:22", "lua"], [], MAKE), 'make rebuild ONLY="node:22 lua"'],
    [typed("help", [], [], MAKE), "npm run -s birdhouse -- help"],
    [typed("list", [], [], { MAKELEVEL: "0" }), "npm run -s birdhouse -- list"],
  ])("%s", (text, expected) => {
    expect(text).toBe(expected);
  });

  it("of make is one that the Makefile has", () => {
    for (const verb of [
      "check",
      "list",
      "plan",
      "history",
      "rollback",
      "runs",
      "rebuild",
      "clean",
      "doctor",
    ]) {
      const [make = "", ...words] = typed(verb, [], [], MAKE).split(" ");
      const { status, stderr } = spawnSync(make, ["-n", ...words], { cwd: PROJECT, encoding: "utf8" });
      expect(stderr).toBe("");
      expect(status).toBe(0);
    }
  });

  it("never stands in a message as a program that there is not", () => {
    const verbs =
      "(?:list|plan|check|rebuild|build|history|inspect|runs|doctor|rollback|export|import|help|clean)";
    const bare = new RegExp(`^(?!\\s*(?:\\*|//)).*["'\`\\s(]birdhouse ${verbs}\\b`, "m");
    const found = codeFiles().filter((name) => bare.test(readFileSync(join(PROJECT, name), "utf8")));
    expect(found).toEqual([]);
  });
});
