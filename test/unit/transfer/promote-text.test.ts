import { describe, expect, it } from "vitest";
import { promoteJson, promoteText } from "../../../scripts/transfer/promote-text.ts";
import { digest } from "../report/sample-outcomes.ts";

const UNTIL = new Date("2026-12-05T21:15:00Z");
const soaking = {
  because: "soaking",
  text: "soaks until 2026-12-05 21:15 UTC",
  until: UNTIL,
} as const;
const RESULT = {
  promoted: [
    { target: "node:24", digest: digest("a"), sent: 50_500_000, moved: ["24", "24.11", "24.11.1", "latest"] },
    { target: "node:24-dev", digest: digest("b"), sent: 0, moved: [] },
  ],
  left: [
    { release: "python:3.14", ...soaking },
    { release: "lua:5.4", because: "in place", text: "ghcr.io/birds has it" } as const,
    ...["3.13", "3.12", "3.11"].map((version) => ({ release: `python:${version}`, ...soaking })),
  ],
  failed: [{ release: "go:1.26", text: "registry.example: HTTP 503" }],
};

describe("what a promotion says", () => {
  it("names what went on, what stays and why, and what failed", () => {
    expect(promoteText(RESULT, false, 80)).toBe(`\
TARGET       DIGEST               SENT     TAGS
node:24      sha256:aaaaaaaaaaaa  50.5 MB  24 24.11 24.11.1 latest
node:24-dev  sha256:bbbbbbbbbbbb  0 B      already in place

python:3.14, python:3.13, python:3.12 and 1 more: soaks until 2026-12-05 21:15
  UTC
lua:5.4: ghcr.io/birds has it

go:1.26 failed: registry.example: HTTP 503

2 targets promoted, 5 versions left as they are, 1 failed.`);
  });

  it("has no table where nothing goes on, and says that a dry run did nothing", () => {
    expect(promoteText({ promoted: [], left: RESULT.left.slice(1, 2), failed: [] }, true)).toBe(
      "lua:5.4: ghcr.io/birds has it\n\nDry run: nothing was sent, and no tags were moved.",
    );
  });

  it("is told to programs with the time as JSON has it", () => {
    const { left } = promoteJson(RESULT);
    expect(left.slice(0, 2)).toEqual([
      { release: "python:3.14", ...soaking, until: "2026-12-05T21:15:00.000Z" },
      { release: "lua:5.4", because: "in place", text: "ghcr.io/birds has it", until: null },
    ]);
  });
});
