import { describe, expect, it } from "vitest";
import { compareFiles } from "../../../scripts/render/compare.ts";

describe("compareFiles", () => {
  it("finds nothing where all is as rendered, in whatever order", () => {
    const committed = new Map([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(compareFiles(committed, new Map([...committed].reverse()))).toEqual([]);
  });

  it("gives a unified diff from what is committed to what is rendered", () => {
    const committed = new Map([
      ["lua/Dockerfile", "FROM a\nRUN b\n"],
      ["same", "1"],
    ]);
    const rendered = new Map([
      ["lua/Dockerfile", "FROM a\nRUN c\n"],
      ["same", "1"],
    ]);
    const [difference, ...more] = compareFiles(committed, rendered);
    expect(more).toEqual([]);
    expect(difference?.path).toBe("lua/Dockerfile");
    expect(difference?.patch.split("\n").slice(1)).toEqual([
      "===================================================================",
      "--- lua/Dockerfile\tcommitted",
      "+++ lua/Dockerfile\trendered",
      "@@ -1,2 +1,2 @@",
      " FROM a",
      "-RUN b",
      "+RUN c",
      "",
    ]);
  });

  it("tells of files that are new and files that are stale, by path", () => {
    const differences = compareFiles(new Map([["z", "old\n"]]), new Map([["a", "new\n"]]));
    expect(differences.map(({ path }) => path)).toEqual(["a", "z"]);
    expect(differences[0]?.patch).toContain("--- /dev/null\tcommitted\n+++ a\trendered\n");
    expect(differences[0]?.patch).toContain("\n+new\n");
    expect(differences[1]?.patch).toContain("--- z\tcommitted\n+++ /dev/null\trendered\n");
    expect(differences[1]?.patch).toContain("\n-old\n");
  });

  it("tells an empty file from none", () => {
    expect(compareFiles(new Map(), new Map([["a", ""]])).map(({ path }) => path)).toEqual(["a"]);
  });
});
