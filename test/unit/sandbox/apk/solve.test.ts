import { describe, expect, it } from "vitest";
import { Candidates } from "../../../../sandbox/apk/candidates.ts";
import { formatProblems } from "../../../../sandbox/apk/problem.ts";
import { solve } from "../../../../sandbox/apk/solve.ts";
import { parseDependencies } from "../../../../scripts/formats/alpine/dependency.ts";
import { emptyDraft } from "../../../../scripts/formats/alpine/entry.ts";
import type { Package } from "../../../../scripts/model/package.ts";

type Words = Partial<Pick<Package, "dependencies" | "provides" | "installIf" | "providerPriority">>;

function sample(label: string, words: Words = {}): Package {
  const [, name = "", version = ""] = /^(.+?)-(\d.*)$/.exec(label) ?? [];
  return {
    ...emptyDraft(),
    name,
    version,
    architecture: "x86_64",
    checksum: `Q1${label}`,
    size: 1,
    ...words,
  };
}

/** The labels of what is chosen, in order; or apk's words for why nothing is. */
function chosen(
  world: string,
  available: readonly Package[],
  installed: readonly Package[] = [],
  upgrade = false,
) {
  const candidates = new Candidates(available, installed, upgrade ? "newest" : "installed");
  const solution = solve(parseDependencies(world), candidates);
  if (!solution.ok) return formatProblems(solution.problems);
  return solution.packages.map(({ name, version }) => `${name}-${version}`).join(" ");
}

describe("the packages for a world", () => {
  it("come after what they need, the newest that fits", () => {
    const available = [
      sample("app-1", { dependencies: "so:z.so lib>=2" }),
      sample("lib-1"),
      sample("lib-2.0"),
      sample("lib-2.5"),
      sample("lib-3_rc1"),
      sample("zlib-1", { provides: "so:z.so=1" }),
    ];
    expect(chosen("app", available)).toBe("zlib-1 lib-3_rc1 app-1");
    expect(chosen("app lib~2", available)).toBe("zlib-1 lib-2.5 app-1");
    expect(chosen("app lib<2.5", available)).toBe("zlib-1 lib-2.0 app-1");
    expect(chosen("app !zlib", available)).toContain("breaks: world[!zlib]");
  });

  it("may need each other in a circle", () => {
    const available = [sample("a-1", { dependencies: "b" }), sample("b-1", { dependencies: "a" })];
    expect(chosen("a", available)).toBe("b-1 a-1");
  });

  it("are chosen anew when a later one cannot live with an earlier choice", () => {
    const available = [
      sample("app-1", { dependencies: "tool lib" }),
      sample("tool-1"),
      sample("tool-2"),
      sample("lib-1", { dependencies: "!tool>1" }),
      sample("lib-2", { dependencies: "tool<2" }),
    ];
    expect(chosen("app", available)).toBe("tool-1 lib-2 app-1");
    expect(chosen("app lib=1", available)).toBe("tool-1 lib-1 app-1");
  });

  it("bring those along that wait for them, unless these are unwanted or lack something", () => {
    const available = [
      sample("python-1"),
      sample("docs-1"),
      sample("python-doc-1", { installIf: "python=1 docs" }),
      sample("python-doc-man-1", { installIf: "python-doc" }),
      sample("python-pyc-1", { installIf: "python", dependencies: "pyc" }),
      sample("pyc-1", { installIf: "python" }),
    ];
    expect(chosen("docs python !pyc", available)).toBe("docs-1 python-1 python-doc-1 python-doc-man-1");
    expect(chosen("python", available)).toBe("python-1 pyc-1 python-pyc-1");
  });

  it("are taken by priority, and not guessed, where several provide a name without a version", () => {
    const plain = [sample("a-1", { provides: "shell" }), sample("b-1", { provides: "shell" })];
    expect(chosen("shell", plain)).toContain("provided by: a b");
    expect(chosen("shell b", plain)).toBe("b-1");
    const ranked = [
      sample("a-1", { provides: "shell", providerPriority: 1 }),
      sample("b-1", { provides: "shell", providerPriority: 2 }),
    ];
    expect(chosen("shell", ranked)).toBe("b-1");
    expect(chosen("shell", plain.slice(0, 1))).toBe("a-1");
  });

  it("never provide one name twice, if in versions", () => {
    const available = [sample("a-1", { provides: "cmd:x=1" }), sample("b-1", { provides: "cmd:x=2" })];
    expect(chosen("a cmd:x", available)).toBe("a-1");
    expect(chosen("a b", available)).toContain("unable to select packages");
  });

  it("stay as they are when installed, until an upgrade", () => {
    const available = [sample("app-1", { dependencies: "lib" }), sample("lib-1"), sample("lib-2")];
    const installed = [sample("lib-1")];
    expect(chosen("app", available, installed)).toBe("lib-1 app-1");
    expect(chosen("app", available, installed, true)).toBe("lib-2 app-1");
    expect(chosen("gone", available, [sample("gone-1")], true)).toBe("gone-1");
  });

  it("are missed by name, with who asks for them", () => {
    const available = [
      sample("a-1", { dependencies: "nowhere" }),
      sample("b-1", { dependencies: "nowhere>1" }),
    ];
    expect(chosen("a b", available)).toBe(
      [
        "ERROR: unable to select packages:",
        "  nowhere (no such package):",
        "    required by: a-1[nowhere]",
        "                 b-1[nowhere>1]",
      ].join("\n"),
    );
  });

  it("are an empty set for an empty world", () => {
    expect(chosen("", [sample("a-1")])).toBe("");
    expect(chosen("!a", [sample("a-1")])).toBe("");
  });
});
