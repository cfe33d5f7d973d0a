import { describe, expect, it } from "vitest";
import { reservedImage, reservedTag } from "../../../scripts/model/reserved.ts";
import { buildTag } from "../../../scripts/model/tags.ts";
import { historyTag } from "../../../scripts/publish/history.ts";

const DIGEST = `sha256:${"0123456789ab".padEnd(64, "c")}`;

describe("tags that no image may have", () => {
  it.each([
    historyTag("5.4"),
    historyTag("latest-dev"),
    "5.4.HISTORY",
    `5.4.history-aside-${DIGEST.slice(7, 19)}`,
    DIGEST.replace(":", "-"),
    `${DIGEST.replace(":", "-")}.sig`,
    "sha256-x",
    buildTag("runtime", "22.16.0-r2", DIGEST),
    buildTag("dev", "22.16.0-r2", DIGEST),
  ])("%s is told from an image's, with the reason", (tag) => {
    expect(reservedTag(tag)).toMatch(/^it /);
  });

  it.each(["5.4", "latest", "dev", "22.16.0-dev", "history", "5.4-history", "sha256", "lock", "3.1-r2"])(
    "%s is free",
    (tag) => {
      expect(reservedTag(tag)).toBeUndefined();
    },
  );
});

describe("names that no image may have", () => {
  it("are the repository of the lock, and no other", () => {
    expect(reservedImage("birdhouse")).toContain("lock");
    expect(reservedImage("birdhouse-2")).toBeUndefined();
    expect(reservedImage("node")).toBeUndefined();
  });
});
