import { expect, it } from "vitest";
import { closeVersion, notesOf } from "../../../package/changelog.ts";

const TEXT = `# Changelog

Newest first.

## Unreleased

- \`status\` tells $& more.

## 0.2.0, 2026-11-01

- The first.
  It goes on.
`;

it("gives what is unreleased a version and its day, and leaves a place for what comes next", () => {
  expect(closeVersion(TEXT, "0.3.0", "2026-11-30")).toBe(
    TEXT.replace("## Unreleased\n", "## Unreleased\n\n## 0.3.0, 2026-11-30\n"),
  );
});

it("finds what is said of a version", () => {
  expect(notesOf(TEXT, "0.2.0")).toBe("- The first.\n  It goes on.");
  expect(notesOf(TEXT, "Unreleased")).toBe("- `status` tells $& more.");
  expect(notesOf(TEXT, "0.2")).toBeUndefined();
  expect(notesOf(closeVersion(TEXT, "0.3.0", "2026-11-30"), "0.3.0")).toBe("- `status` tells $& more.");
});

it.each(["## Unreleased \n", "## Unreleased\r\n"])(
  "closes what it finds, however the heading ends: %j",
  (heading) => {
    const closed = closeVersion(
      TEXT.replace("## Unreleased\n", () => heading),
      "0.3.0",
      "2026-11-30",
    );
    expect(notesOf(closed, "0.3.0")).toBe("- `status` tells $& more.");
    expect(notesOf(closed, "Unreleased")).toBe("");
  },
);

it("makes no version of nothing, and none twice", () => {
  const closed = closeVersion(TEXT, "0.3.0", "2026-11-30");
  expect(() => closeVersion(closed, "0.4.0", "2026-12-01")).toThrow("has nothing below Unreleased");
  expect(() => closeVersion(TEXT, "0.2.0", "2026-12-01")).toThrow("has 0.2.0 already");
  expect(() => closeVersion("# Changelog\n", "0.2.0", "2026-12-01")).toThrow("has nothing below Unreleased");
});
