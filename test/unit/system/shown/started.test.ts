import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { typed } from "../../../../scripts/system/shown/started.ts";
import { codeFiles, PROJECT } from "../../../support/code.ts";

const MAKE = { env: { MAKELEVEL: "1" } };
const ALONE = { env: {} };
const INSTALLED = { packaged: true, home: "/team/images/node_modules/birdhouse", folder: "/team/images/sub" };
const GLOBAL = { ...INSTALLED, home: "/usr/lib/node_modules/birdhouse" };

describe("a command to type", () => {
  it.each([
    [typed("list", [], [], ALONE), "npm run -s birdhouse -- list"],
    [typed("list", [], [], MAKE), "make list"],
    [typed("rebuild", ["node:22"], ["--force"], ALONE), "npm run -s birdhouse -- rebuild node:22 --force"],
    [typed("rebuild", ["node:22"], ["--force"], MAKE), "make rebuild ONLY=node:22 ARGS=--force"],
    [typed("rebuild", ["node:22", "lua"], [], MAKE), 'make rebuild ONLY="node:22 lua"'],
    [typed("help", [], [], MAKE), "npm run -s birdhouse -- help"],
    [typed("list", [], [], { env: { MAKELEVEL: "0" } }), "npm run -s birdhouse -- list"],
    [typed("scan", ["node"], [], MAKE), "make scan ONLY=node"],
    [
      typed("list", [], [], { ...ALONE, home: "/opt/bird house", folder: "/srv" }),
      "node '/opt/bird house/scripts/start.mjs' list",
    ],
    [typed("list", [], [], { ...INSTALLED, env: {} }), "npx birdhouse list"],
    [
      typed("rebuild", ["node:22"], ["--force"], { ...INSTALLED, ...MAKE }),
      "npx birdhouse rebuild node:22 --force",
    ],
    [typed("list", [], [], { ...GLOBAL, env: {} }), "birdhouse list"],
    [typed("list", [], [], { ...GLOBAL, env: { npm_command: "exec" } }), "npx birdhouse list"],
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

  it("is never written out in a message: whoever installed Birdhouse has no Makefile of ours", () => {
    const verbs =
      "(?:list|plan|check|render|rebuild|build|history|inspect|runs|doctor|rollback|export|import|clean|prune|status)";
    // The Makefile's own words, an error to it, and a mark in files that people write.
    const own = /^scripts\/(?:variables|with-variables)\.mjs$/;
    const written = new RegExp(`^(?!\\s*(?:\\*|//|/\\*\\*)).*["'\`\\s(]make ${verbs}\\b`);
    const found = codeFiles()
      .filter((name) => !own.test(name))
      .flatMap((name) =>
        readFileSync(join(PROJECT, name), "utf8")
          .split("\n")
          .filter((line) => written.test(line))
          .map((line) => `${name}: ${line.trim()}`),
      );
    expect(found).toEqual([
      'scripts/catalog/schema/template.ts: failure: { stage: "build", message: \'no "such"\\npackage: \\\\\', repeat: "make build ONLY=\'node:22\'" },',
      'scripts/system/shown/started.ts: export const RENDER_COMMAND = PACKAGED ? "npx birdhouse render" : "make render";',
    ]);
  });

  it("never stands in a message as a program that there is not", () => {
    const verbs =
      "(?:list|plan|check|rebuild|build|history|inspect|runs|doctor|rollback|export|import|help|clean)";
    const bare = new RegExp(`^(?!\\s*(?:\\*|//)).*["'\`\\s(]birdhouse ${verbs}\\b`, "m");
    const found = codeFiles().filter((name) => bare.test(readFileSync(join(PROJECT, name), "utf8")));
    expect(found).toEqual([]);
  });
});
