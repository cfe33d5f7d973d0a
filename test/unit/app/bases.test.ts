import { describe, expect, it } from "vitest";
import { basesOf } from "../../../scripts/app/bases.ts";
import type { Offered } from "../../../scripts/plan/reasons.ts";
import type { Answer } from "../../../scripts/upstream/upstream.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "../report/sample-outcomes.ts";

const offered: Offered = { packages: new Map(), fixes: new Map(), unknown: [], base: digest("a") };
const compared = { target: sampleTarget({ branch: "3.22" }), offered };
const ended = { target: sampleTarget({ branch: "3.17", version: "18" }) };

function upstream(answer: Answer<string | undefined>) {
  const asked: string[] = [];
  const base = async (branch: string) => {
    asked.push(branch);
    return answer;
  };
  return { asked, base };
}

describe("the base images of a run", () => {
  it("are those of its plan, and asked for where the plan compared nothing", async () => {
    const world = upstream({ value: digest("b") });
    const bases = await basesOf([compared, ended, ended], world);
    expect([...bases]).toEqual([
      ["3.22", digest("a")],
      ["3.17", digest("b")],
    ]);
    expect(world.asked).toEqual(["3.17"]);
  });

  it("are not known where they cannot be found out", async () => {
    expect((await basesOf([ended], upstream({ problem: "it is away" }))).size).toBe(0);
    expect((await basesOf([ended], upstream({ value: undefined }))).size).toBe(0);
  });
});
