import { describe, expect, it } from "vitest";
import type { Sources } from "../../../scripts/catalog/target.ts";
import { obstacleOf } from "../../../scripts/plan/availability.ts";
import { offerOf } from "../../../scripts/plan/offer.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const OFFER = offerOf([
  { ...samplePackage, name: "nodejs", version: "22.16.0-r2", provides: "cmd:node=22.16.0-r2" },
  { ...samplePackage, name: "erlang27", version: "27.3.4-r1", provides: "erlang" },
]);
const WHOLE: Sources = { base: "registry.example/alpine", packages: "https://packages.example/alpine" };
const PART: Sources = { ...WHOLE, mayLack: new Set(["npm", "pnpm"]) };

function obstacle(world: readonly string[], sources: Sources) {
  return obstacleOf(sampleTarget({ world }), OFFER, sources);
}

describe("obstacleOf", () => {
  it("is none where every item of the world is offered, by name or as what a package provides", () => {
    expect(obstacle(["nodejs~22", "cmd:node", "erlang", "!npm"], WHOLE)).toBeUndefined();
    expect(obstacle(["nodejs~22", "cmd:node", "erlang", "!npm"], PART)).toBeUndefined();
  });

  it("names what lacks, and what is there instead", () => {
    expect(obstacle(["nodejs~23", "npm"], WHOLE)).toEqual({
      text: "v3.22 has nodejs 22.16.0-r2, no 23; v3.22 has no npm",
      excused: false,
    });
  });

  it("says so where the mirror has no such branch", () => {
    const obstacleThere = obstacleOf(sampleTarget({ branch: "3.4" }), undefined, WHOLE);
    expect(obstacleThere).toEqual({ text: "the mirror has no v3.4", excused: false });
  });

  it("excuses on a mirror of a part what Alpine has, and leaves what nobody knows to apk", () => {
    expect(obstacle(["nodejs~22", "npm"], PART)).toEqual({ text: "v3.22 has no npm", excused: true });
    expect(obstacle(["nodejs~23"], PART)).toMatchObject({ excused: true });
    expect(obstacle(["nodejs~22", "no-such-package"], PART)).toBeUndefined();
  });
});
