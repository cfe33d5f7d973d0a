import { describe, expect, it } from "vitest";
import { KNOWN_USERS } from "../../../../scripts/model/configuration.ts";
import { imagesOf } from "../../../../scripts/report/site/images.ts";
import { movingView } from "../../../../scripts/report/site/moving.ts";
import { sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleCatalog, sampleRelease } from "../../../support/sample-target.ts";

const FACTS = {
  ...{ user: "root", shell: "/bin/sh", "package manager": "apk", "entry point": "none", command: "node" },
  ...{ program: "/opt/node", "working directory": "/", "C library": "glibc", npm: "npm", colour: "blue" },
};
const OTHER = {
  ...{ name: "node:alpine", sources: ["https://example.org/node"], facts: FACTS },
  changes: ["FROM node:{{version}}-dev, then node:{{version}}", "nothing else"],
};

function viewOf(changes: Parameters<typeof sampleRelease>[0] = {}, moving = { node: [OTHER] }) {
  const { runtime, dev } = sampleRelease(changes);
  const targets = [runtime, dev].map((target) => sampleSiteTarget(target));
  const site = sampleSite({ catalog: sampleCatalog([runtime, dev]), targets, moving });
  const [image] = imagesOf(site);
  if (!image) throw new Error("the sample has an image");
  return movingView(site, image.shown);
}

/** What stands under "here", by what is compared. */
function oursOf(changes: Parameters<typeof sampleRelease>[0]): Record<string, string> {
  return Object.fromEntries(viewOf(changes)[0]?.facts.map(({ what, ours }) => [what, ours]) ?? []);
}

describe("how others' images differ from the one here", () => {
  it("is told line by line, with the steps for the version that is shown", () => {
    const [view, ...more] = viewOf();
    expect(more).toEqual([]);
    expect(view).toMatchObject({
      ...{ name: "node:alpine", id: "from-node-alpine", sources: ["https://example.org/node"] },
      changes: ["FROM node:22-dev, then node:22", "nothing else"],
    });
    expect(view?.facts.map(({ what, theirs }) => [what, theirs])).toEqual(Object.entries(FACTS));
  });

  it("is by the catalog, and unknown where that tells nothing", () => {
    expect(oursOf({ user: KNOWN_USERS.nonroot })).toEqual({
      user: "nonroot, 65532",
      shell: "only where a package brings one; node:22-dev has one",
      "package manager": "none; apk in node:22-dev",
      "entry point": "none",
      command: "none",
      program: "/usr/bin/node",
      "working directory": "/home/nonroot",
      "C library": "musl",
      npm: "in node:22-dev only",
      colour: "unknown",
    });
    expect(
      oursOf({ shell: true, entrypoint: ["/tini", "--"], cmd: ["node"], workdir: "/app" }),
    ).toMatchObject({
      shell: "yes; node:22-dev has one",
      "entry point": '["/tini","--"]',
      command: '["node"]',
      "working directory": "/app",
    });
  });

  it("is nothing where nobody has compared the image", () => {
    expect(viewOf({}, { node: [] })).toEqual([]);
    expect(viewOf({ image: "lua" })).toEqual([]);
  });
});
