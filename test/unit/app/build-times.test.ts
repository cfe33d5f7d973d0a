import { describe, expect, it } from "vitest";
import { timesOf } from "../../../scripts/app/build-times.ts";
import type { Package } from "../../../scripts/model/package.ts";
import { groupBy } from "../../../scripts/system/group.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

/** A branch with these packages, each built at its time. */
function offered(times: Readonly<Record<string, number>>) {
  const packages = Object.entries(times).map(
    ([name, buildTime]): Package => ({
      ...samplePackage,
      ...{ name, version: "22-r0", provides: "", buildTime },
    }),
  );
  return { value: groupBy(packages, ({ name }) => name) };
}

describe("timesOf", () => {
  const runtime = sampleTarget({ world: ["nodejs~22"] });
  const dev = sampleTarget({ variant: "dev", world: ["git", "make", "nodejs~22"] });

  it("is that of the newest package by platform; of dev, with Alpine's own and apart for what is shared", async () => {
    const upstream = {
      packages: async (_: string, architecture: string) =>
        architecture === "x86_64"
          ? offered({ nodejs: 50, git: 20, make: 10, busybox: 30, unrelated: 99 })
          : offered({ nodejs: 60, git: 20, make: 10 }),
    };
    const planned = [
      { target: runtime, platforms: ["linux/amd64", "linux/arm64"] as const },
      { target: dev, platforms: ["linux/amd64"] as const },
    ];
    expect(Object.fromEntries(await timesOf(planned, upstream))).toEqual({
      "node:22 linux/amd64": { image: 50, shared: 50 },
      "node:22 linux/arm64": { image: 60, shared: 60 },
      "node:22-dev linux/amd64": { image: 50, shared: 30 },
    });
  });

  it.each([
    ["3.20", 50],
    ["3.21", 70],
    ["3.22", 70],
  ])(
    "of dev on %s: alpine-release is in Alpine's own image since 3.21, and in no runtime image",
    async (branch, time) => {
      const upstream = {
        packages: async () => offered({ nodejs: 50, git: 20, make: 10, "alpine-release": 70 }),
      };
      const platforms = ["linux/amd64"] as const;
      const planned = [runtime, dev].map((target) => ({ target: { ...target, branch }, platforms }));
      const times = await timesOf(planned, upstream);
      expect(times.get("node:22-dev linux/amd64")?.image).toBe(time);
      expect(times.get("node:22 linux/amd64")?.image).toBe(50);
    },
  );

  it.each([{ problem: "it is away" }, { value: undefined }])(
    "says nothing where the index is %j",
    async (answer) => {
      const planned = [{ target: runtime, platforms: ["linux/amd64"] as const }];
      expect((await timesOf(planned, { packages: async () => answer })).size).toBe(0);
    },
  );
});
