import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PROJECT, readWorkflows, runLinesOf } from "../../support/workflows.ts";

const read = (path: string) => readFileSync(join(PROJECT, path), "utf8");

it("has the version of release-it renewed, as the actions are", () => {
  const { customManagers } = JSON.parse(read(".github/renovate.json"));
  const [{ matchStrings, managerFilePatterns }] = customManagers;
  const file = ".github/workflows/release.yml";
  expect(new RegExp(managerFilePatterns[0].slice(1, -1)).test(file)).toBe(true);
  const found = new RegExp(matchStrings[0]).exec(read(file))?.groups;
  expect(found).toMatchObject({ depName: "release-it" });
  const release = readWorkflows().find((one) => one.file === file);
  expect(runLinesOf(release, "release").join("\n")).toContain(`release-it@${found?.currentValue} `);
});

it("packs what was tagged, and says of a version what the changelog does", () => {
  const { hooks, github, git, npm } = JSON.parse(read(".release-it.json"));
  // package/build.ts looks for this tag.
  expect(git.tagName).toBe(`v\${version}`);
  // npm's own step would pack before there is a tag.
  expect(npm.publish).toBe(false);
  expect(hooks["before:github:release"]).toBe("npm pack");
  // And not what an earlier version has left in the folder.
  expect(github.assets).toEqual([`birdhouse-\${version}.tgz`]);
  const program = "node --import tsx/esm package/changelog.ts";
  expect([hooks["after:bump"], github.releaseNotes]).toEqual([
    `${program} close \${version}`,
    `${program} notes \${version}`,
  ]);
});
