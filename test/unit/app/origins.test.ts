import { describe, expect, it } from "vitest";
import { openOrigins, webAddress } from "../../../scripts/app/origins.ts";
import { printed } from "../../support/fake-engine.ts";
import { sampleTarget } from "../../support/sample-target.ts";

const DOCKERFILE = "/srv/base/images/node/22/Dockerfile";

/** A git that answers these words, and fails at all others. */
function gitWith(answers: Readonly<Record<string, string>>) {
  return async ([program, at, directory, ...words]: readonly string[]) => {
    expect([program, at, directory]).toEqual(["git", "-C", "/srv/base"]);
    const answer = answers[words.join(" ")];
    return answer === undefined ? printed("", 128) : printed(`${answer}\n`);
  };
}

const ANSWERS = {
  "rev-parse --show-toplevel --is-shallow-repository": "/srv\nfalse",
  "remote get-url origin": "git@github.com:birdhouse/images.git",
  [`status --porcelain -- ${DOCKERFILE}`]: "",
  [`log -1 --format=%H -- ${DOCKERFILE}`]: "4f0c6a1b",
};

const originWith = async (answers: Readonly<Record<string, string>>) =>
  (await openOrigins("/srv/base/images", gitWith(answers)))(sampleTarget());

describe("openOrigins", () => {
  it("tells the repository, the commit that last changed the Dockerfile, and the image's folder", async () => {
    expect(await originWith(ANSWERS)).toEqual({
      url: "https://github.com/birdhouse/images",
      revision: "4f0c6a1b",
      folder: "base/images/node",
    });
  });

  it.each([
    ["was changed since", { [`status --porcelain -- ${DOCKERFILE}`]: ` M ${DOCKERFILE}` }],
    ["is in no commit", { [`log -1 --format=%H -- ${DOCKERFILE}`]: "" }],
    [
      "is in a clone without its history",
      { "rev-parse --show-toplevel --is-shallow-repository": "/work\ntrue" },
    ],
  ])("knows no commit of a Dockerfile that %s", async (_, answers) => {
    expect(await originWith({ ...ANSWERS, ...answers })).not.toHaveProperty("revision");
  });

  it("knows nothing where there is no git", async () => {
    expect(await originWith({})).toEqual({});
  });
});

describe("webAddress", () => {
  it.each([
    ["https://github.com/a/b.git", "https://github.com/a/b"],
    ["https://user:ghp_secret@github.com/a/b", "https://github.com/a/b"],
    ["https://git.example:8443/a/b/", "https://git.example:8443/a/b"],
    ["git@gitlab.example:group/sub/b.git", "https://gitlab.example/group/sub/b"],
    ["ssh://git@git.example:2222/a/b.git", "https://git.example/a/b"],
    ["/srv/git/b.git", undefined],
    ["file:///srv/git/b.git", undefined],
    ["http://127.0.0.1/a/b", undefined],
    ["https://git.example/", undefined],
    ["", undefined],
  ])("of %s is %s", (remote, address) => {
    expect(webAddress(remote)).toBe(address);
  });
});
