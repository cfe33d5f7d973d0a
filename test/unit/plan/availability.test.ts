import { describe, expect, it } from "vitest";
import type { Sources } from "../../../scripts/model/sources.ts";
import { doubtsAbout, obstacleOf, repositoryObstacle } from "../../../scripts/plan/availability.ts";
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

  it("says which name a misspelt one is near to, whatever it asks for", () => {
    expect(obstacle(["nodejss~22", "cmd:nodee", "erlnag"], WHOLE)).toEqual({
      text:
        "v3.22 has no nodejss; did you mean nodejs?; v3.22 has no cmd:nodee; did you mean cmd:node?; " +
        "v3.22 has no erlnag; did you mean erlang?",
      excused: false,
    });
    // A mirror of a part of Alpine excuses no slip of the fingers.
    expect(obstacle(["nodejs~22", "erlnag"], PART)).toEqual({
      text: "v3.22 has no erlnag; did you mean erlang?",
      excused: false,
    });
  });

  it("says all names that a misspelt one may be meant to be", () => {
    const fpm = ["php82-fpm", "php83-fpm"].map((name) => ({ ...samplePackage, name, version: "1-r0" }));
    const found = obstacleOf(sampleTarget({ world: ["php8-fpm"] }), offerOf(fpm), WHOLE);
    expect(found?.text).toBe("v3.22 has no php8-fpm; did you mean php82-fpm or php83-fpm?");
  });

  it("takes any version that is there, and names them all where none is wanted", () => {
    const versions = ["22.16.0-r2", "24.1.0-r0"];
    const offer = offerOf(versions.map((version) => ({ ...samplePackage, name: "nodejs", version })));
    const of = (item: string) => obstacleOf(sampleTarget({ world: [item] }), offer, WHOLE)?.text;
    expect(of("nodejs~24")).toBeUndefined();
    expect(of("nodejs~23")).toBe("v3.22 has nodejs 22.16.0-r2, 24.1.0-r0, no 23");
  });

  it("asks for what a Java runtime is made of as well", () => {
    const target = sampleTarget({ world: ["nodejs"], jlink: ["java.base"], version: "21", truststore: true });
    expect(obstacleOf(target, OFFER, WHOLE)?.text).toBe(
      ["openjdk21-jdk", "openjdk21-jmods", "ca-certificates", "p11-kit-trust"]
        .map((name) => `v3.22 has no ${name}`)
        .join("; "),
    );
  });

  it("notes on a mirror of a part what nobody knows, and nothing where all is known", () => {
    const doubts = (world: readonly string[], sources: Sources) =>
      doubtsAbout(sampleTarget({ world }), OFFER, sources);
    expect(doubts(["nodejs~22", "no-such-package"], PART)).toEqual([
      "v3.22 has no no-such-package; if Alpine has it, this mirror does not",
    ]);
    expect(doubts(["nodejs~22", "no-such-package"], WHOLE)).toEqual([]);
    expect(doubts(["nodejs~22", "npm", "no-such-package"], PART)).toEqual([]);
    expect(doubts(["nodejs~22"], PART)).toEqual([]);
    expect(doubtsAbout(sampleTarget(), undefined, PART)).toEqual([]);
  });

  it("excuses on a mirror of a part what Alpine has, and leaves what nobody knows to apk", () => {
    expect(obstacle(["nodejs~22", "npm"], PART)).toEqual({ text: "v3.22 has no npm", excused: true });
    expect(obstacle(["nodejs~23"], PART)).toMatchObject({ excused: true });
    expect(obstacle(["nodejs~22", "no-such-package"], PART)).toBeUndefined();
  });
});

describe("repositoryObstacle", () => {
  const BOTH = ["main", "community"] as const;
  const branches = { "3.22": { eol: "2027-05-01" } };

  it("is none where the mirror has all that the catalog takes packages from", () => {
    expect(repositoryObstacle(sampleTarget(), [], BOTH, { branches })).toBeUndefined();
  });

  it("says which repository of one's own has no index, and what to put in the catalog", () => {
    const repositories = [
      { name: "own", url: "https://own.example/v{{branch}}", auth: false, keys: {} },
      { name: "other", url: "https://other.example", auth: false, keys: {} },
    ];
    expect(repositoryObstacle(sampleTarget(), ["own"], BOTH, { branches, repositories })).toEqual({
      text:
        "https://own.example/v3.22, the repository own, has no index: apk would not upgrade; where it has nothing for " +
        "v3.22, say so under repositories of the catalog: own: { branches: […] }",
      excused: false,
    });
  });

  it("says what the mirror has, what it lacks and what to put in the catalog", () => {
    expect(repositoryObstacle(sampleTarget(), ["community"], BOTH, { branches })).toEqual({
      text:
        "the mirror has main of v3.22 and no community: apk would not upgrade; where that is on purpose, say so " +
        'under branches of the catalog: "3.22": { eol: 2027-05-01, repositories: [main] }',
      excused: false,
    });
    expect(repositoryObstacle(sampleTarget(), BOTH, BOTH, { branches })?.text).toContain(
      " of v3.22 and no main and community: ",
    );
    expect(repositoryObstacle(sampleTarget(), ["main"], BOTH, { branches: {} })?.text).toContain(
      '"3.22": { repositories: [community] }',
    );
  });
});
