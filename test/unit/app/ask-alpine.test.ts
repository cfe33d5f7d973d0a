import { describe, expect, it } from "vitest";
import { askAlpine } from "../../../scripts/app/ask-alpine.ts";
import { sampleTarget } from "../../support/sample-target.ts";

describe("askAlpine", () => {
  it("says for which platforms the mirror lacks a repository: not all of what they offer is known", async () => {
    const upstream: Parameters<typeof askAlpine>[0] = {
      packages: async () => ({ value: new Map() }),
      base: async () => ({ value: "sha256:1" }),
      missing: async (_: string, architecture: string) => ({
        value: architecture === "aarch64" ? (["community"] as const) : [],
      }),
    };
    const target = sampleTarget({ platforms: ["linux/amd64", "linux/arm64"] });
    expect((await askAlpine(upstream, [target], undefined)).get("3.22")?.partial).toEqual(["linux/arm64"]);
    upstream.missing = async () => ({ problem: "away" });
    expect((await askAlpine(upstream, [target], undefined)).get("3.22")?.partial).toBeUndefined();
  });

  it("asks for the platforms that the catalog wants, and for those that the user names", async () => {
    const asked: string[] = [];
    const upstream: Parameters<typeof askAlpine>[0] = {
      async packages(branch, architecture) {
        asked.push(`${branch} ${architecture}`);
        return { value: new Map() };
      },
      base: async () => ({ value: "sha256:1" }),
      missing: async () => ({ value: [] }),
    };
    const target = sampleTarget({ platforms: ["linux/amd64"] });
    await askAlpine(upstream, [target], undefined);
    await askAlpine(upstream, [target], ["linux/arm64"]);
    expect(asked).toEqual(["3.22 x86_64", "3.22 x86_64", "3.22 aarch64"]);
  });
});
