import { describe, expect, it } from "vitest";
import type { Rollback } from "../../../scripts/publish/rollback.ts";
import {
  holdJson,
  pruneText,
  releasedText,
  rollbackJson,
  rollbackText,
} from "../../../scripts/report/tag-texts.ts";
import { typed } from "../../../scripts/system/shown/started.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "./sample-outcomes.ts";

const to = (name: string) => ({
  image: { mediaType: "m", digest: digest(name), size: 1 },
  created: new Date("2026-11-18T03:10:00Z"),
  confirmed: new Date("2026-11-27T03:10:00Z"),
});
const rollbacks: readonly Rollback[] = [
  { target: sampleTarget(), from: digest("a"), to: to("b"), tags: ["22", "latest"] },
  { target: sampleTarget({ variant: "dev" }), from: digest("c"), to: to("c"), tags: ["22-dev"] },
  { target: sampleTarget({ image: "lua", version: "5.4" }), from: "", to: to("d"), tags: ["5.4"] },
];
const hold = { until: new Date("2026-12-05T12:00:00Z"), by: "me", reason: "broken TLS" };

describe("rollbackText", () => {
  it("says where each target's tags go, and that the next rebuild moves them on", () => {
    expect(rollbackText(rollbacks, false)).toBe(
      `TARGET       FROM                 TO                   OF          TAGS
node:22      sha256:aaaaaaaaaaaa  sha256:bbbbbbbbbbbb  2026-11-18  22 latest
node:22-dev  sha256:cccccccccccc  sha256:cccccccccccc  2026-11-18  already in place
lua:5.4      nothing              sha256:dddddddddddd  2026-11-18  5.4

The next rebuild moves them forward again where there is a reason to.`,
    );
  });

  it("says that a dry run moved nothing, whatever holds the tags", () => {
    expect(rollbackText(rollbacks, true, hold)).toMatch(/\n\nDry run: no tags were moved\.$/);
  });

  it("says how long tags are held, by this one or by an earlier hold, and how to end that for all versions", () => {
    const release = typed("rollback", ["node:22", "lua:5.4"], ["--release"]);
    const end = `\n\nThey are held until 2026-12-05 12:00 UTC by me: broken TLS.\nTo end the hold earlier: ${release}`;
    expect(rollbackText(rollbacks, false, hold).slice(-end.length)).toBe(end);
    const [first, ...others] = rollbacks;
    if (!first) throw new Error("no sample");
    expect(rollbackText([...others, { ...first, hold }], false)).toContain("They are held until 2026-12-05");
  });
});

describe("rollbackJson", () => {
  const [first] = rollbacks;
  if (!first) throw new Error("no sample");
  const json = {
    ...{ target: "node:22", from: digest("a"), tags: ["22", "latest"] },
    to: {
      image: { mediaType: "m", digest: digest("b"), size: 1 },
      created: "2026-11-18T03:10:00.000Z",
      confirmed: "2026-11-27T03:10:00.000Z",
    },
  };

  it("is the same for scripts, with what holds the tags where something does", () => {
    const held = { until: "2026-12-05T12:00:00.000Z", by: "me", reason: "broken TLS" };
    expect(rollbackJson(first)).toStrictEqual(json);
    expect(rollbackJson({ ...first, hold })).toStrictEqual({ ...json, hold: held });
    expect(holdJson(hold)).toStrictEqual(held);
  });

  it("has of an image what points at it, and nothing else that a history may have beside that", () => {
    const image = { ...first.to.image, annotations: { secret: "1" } };
    expect(rollbackJson({ ...first, to: { ...first.to, image } })).toStrictEqual(json);
  });
});

describe("pruneText", () => {
  const old = ["a", "b"].map((name) => ({
    ...{ repository: "base/node", tag: `22-${name}`, digest: digest(name), parts: [] },
  }));

  it("lists what was, or would be, removed", () => {
    const table = `REPOSITORY  TAG   DIGEST
base/node   22-a  sha256:aaaaaaaaaaaa
base/node   22-b  sha256:bbbbbbbbbbbb`;
    expect(pruneText(old, false)).toBe(
      `${table}\n\n2 builds removed. Layers that nothing else uses go when the registry next collects its garbage.`,
    );
    expect(pruneText(old, true)).toBe(`${table}\n\nDry run: no builds were removed; 2 builds would be.`);
    expect(pruneText([], false)).toBe("Nothing to remove: no build is older than what the catalog keeps.");
  });
});

describe("releasedText", () => {
  it("names whose hold ended, or would", () => {
    expect(releasedText(["node:22", "lua:5.4"], false)).toBe(
      "No longer held: node:22, lua:5.4. The next rebuild moves their tags where there is a reason to.",
    );
    expect(releasedText(["node:22", "lua:5.4"], true)).toBe(
      "Dry run: no hold was ended; it would be of node:22, lua:5.4.",
    );
  });
});
