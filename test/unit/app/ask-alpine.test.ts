import { describe, expect, it } from "vitest";
import { askAlpine } from "../../../scripts/app/ask-alpine.ts";
import type { Upstream } from "../../../scripts/upstream/upstream.ts";
import { sampleTarget } from "../../support/sample-target.ts";

describe("askAlpine", () => {
  it("says for which platforms the mirror lacks a repository: not all of what they offer is known", async () => {
    const upstream = {
      packages: async () => ({ value: new Map() }),
      base: async () => ({ value: "sha256:1" }),
      missing: async (_: string, architecture: string) => ({
        value: architecture === "aarch64" ? (["community"] as const) : [],
      }),
    } as unknown as Upstream;
    const target = sampleTarget({ platforms: ["linux/amd64", "linux/arm64"] });
    expect((await askAlpine(upstream, [target])).get("3.22")?.partial).toEqual(["linux/arm64"]);
    upstream.missing = async () => ({ problem: "away" });
    expect((await askAlpine(upstream, [target])).get("3.22")?.partial).toBeUndefined();
  });
});
