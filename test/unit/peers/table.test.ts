import { describe, expect, it } from "vitest";
import { countPeers, missingChecks, readTable } from "../../peers/table.ts";

const test = (peer: string, title: string, status = "passed") => ({ ancestorTitles: [peer], title, status });
const RESULTS = {
  testResults: [
    {
      name: "/x/test/peers/a.test.ts",
      assertionResults: [test("crane 0.20", "copies"), test("crane 0.20", "lists", "failed")],
    },
    {
      name: "/x/test/peers/b.test.ts",
      assertionResults: [test("zot: not to be had here", "serves", "skipped")],
    },
    { name: "/x/test/full/c.test.ts", assertionResults: [test("another 1", "is no peer")] },
  ],
};

describe("the table of peers", () => {
  it("counts who could be asked, and nobody else", () => {
    expect(countPeers(RESULTS)).toEqual([
      { name: "crane", version: "0.20", checks: 2, passed: 1, asked: ["copies", "lists"] },
    ]);
  });

  it("tells of a check that went lost, and not of a peer that is not here", () => {
    const page =
      "| peer | version | checks | passed | what |\n| :- | :- | -: | -: | :- |\n| crane | 0.20 | 2 | 2 | copies; lists |\n| zot | 2 | 9 | 9 | serves |\n";
    expect(readTable(page)).toEqual([
      { name: "crane", passed: 2 },
      { name: "zot", passed: 9 },
    ]);
    expect(missingChecks(readTable(page), countPeers(RESULTS))).toEqual([
      "crane passes 1 checks, and docs/peers.md says 2: mend it, or run make peers",
    ]);
    expect(missingChecks([{ name: "crane", passed: 1 }], countPeers(RESULTS))).toEqual([]);
  });
});
