import { describe, expect, it } from "vitest";
import { oldBuilds } from "../../../scripts/publish/prune.ts";
import { buildTag, isBuildTag } from "../../../scripts/publish/tags.ts";
import { digest } from "../report/sample-outcomes.ts";

const [a, b, c] = [digest("a"), digest("b"), digest("c")];
const build = (of: string) => buildTag("runtime", "22.16.0-r2", of);

describe("old builds", () => {
  it("are those that no moving tag points at and no history keeps", () => {
    const tags = new Map([
      ["22", c],
      ["22.history", digest("f")],
      ...[a, b, c].map((one) => [build(one), one] as const),
    ]);
    const old = oldBuilds("base/node", { tags, platforms: new Map(), remembered: new Set([c, b]) });
    expect(old).toEqual([{ repository: "base/node", tag: build(a), digest: a, parts: [] }]);
  });

  it("take along their platforms and what is attached to them, but nothing that a kept one has", () => {
    const [amd, arm, sbom, signature] = ["1", "2", "3", "4"].map((letter) => digest(letter)) as [
      string,
      string,
      string,
      string,
    ];
    const tags = new Map([
      ["22", b],
      [build(a), a],
      [build(b), b],
      [amd.replace(":", "-"), sbom],
      [`${a.replace(":", "-")}.sig`, signature],
      [`${b.replace(":", "-")}.sig`, digest("5")],
    ]);
    const platforms = new Map([
      [a, [amd, arm]],
      [b, [arm]],
    ]);
    expect(oldBuilds("base/node", { tags, platforms, remembered: new Set() })).toEqual([
      { repository: "base/node", tag: build(a), digest: a, parts: [amd, signature, sbom] },
    ]);
  });
});

describe("the tag of a build", () => {
  it("names version, build and image, and the dev variant", () => {
    expect(build(a)).toBe("22.16.0-r2-aaaaaaaaaaaa");
    expect(buildTag("dev", "1.2_git2025+1-r0", a)).toBe("1.2_git2025_1-r0-aaaaaaaaaaaa-dev");
    for (const tag of [build(a), buildTag("dev", "22.16.0-r2", a)]) expect(isBuildTag(tag)).toBe(true);
    for (const tag of ["22", "22.16.0", "22.16.0-dev", "latest", "22.history"]) {
      expect(isBuildTag(tag)).toBe(false);
    }
  });
});
