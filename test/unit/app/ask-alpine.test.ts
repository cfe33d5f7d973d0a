import { describe, expect, it } from "vitest";
import { askAlpine, askForFixes, basesOf } from "../../../scripts/app/ask-alpine.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "../report/sample-outcomes.ts";

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

  it("tells once what is the same for all that was asked", async () => {
    const away = async () => ({ problem: "https://m.example: no answer" });
    const upstream = { packages: away, base: async () => ({ problem: "no base" }), missing: away };
    const target = sampleTarget({ platforms: ["linux/amd64", "linux/arm64"] });
    const offered = await askAlpine(upstream, [target], undefined);
    const unknown = ["no base", "https://m.example: no answer"];
    expect(offered.get("3.22")?.unknown).toEqual(unknown);
    const fixed = await askForFixes({ fixes: away }, offered, new Set(["3.22"]));
    expect(fixed.get("3.22")?.unknown).toEqual(unknown);
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

describe("basesOf", () => {
  const compared = sampleTarget({ branch: "3.22" });
  const ended = sampleTarget({ branch: "3.17", version: "18" });

  it("asks once for each branch, also where the plan compared nothing", async () => {
    const asked: string[] = [];
    const base = async (branch: string) => {
      asked.push(branch);
      return { value: digest(branch === "3.22" ? "a" : "b") };
    };
    expect([...(await basesOf([compared, ended, ended], { base }))]).toEqual([
      ["3.22", digest("a")],
      ["3.17", digest("b")],
    ]);
    expect(asked).toEqual(["3.22", "3.17"]);
  });

  it.each([{ problem: "it is away" }, { value: undefined }])(
    "knows none where the answer is %j",
    async (answer) => {
      expect((await basesOf([ended], { base: async () => answer })).size).toBe(0);
    },
  );
});
