import { expect, test } from "vitest";
import { renameWorld } from "../../../scripts/catalog/renames.ts";

const RENAMES = {
  npm: { "3.8": [], "3.15": ["nodejs-npm"] },
  "alpine-baselayout-data": { "3.15": ["alpine-baselayout"] },
  python3: { "3.5": ["python3-base", "python3-libs"] },
};

test.each([
  ["npm", "3.9", ["nodejs-npm"]],
  ["npm", "3.15", ["nodejs-npm"]],
  ["npm", "3.16", ["npm"]],
  // By number, not by letter; and of two entries the older one tells of what is older still.
  ["npm", "3.8", []],
  ["npm", "3.3", []],
  ["npm~10.1", "3.10", ["nodejs-npm~10.1"]],
  ["!npm", "3.10", ["!nodejs-npm"]],
  ["npm-doc", "3.10", ["npm-doc"]],
  ["cmd:npm", "3.10", ["cmd:npm"]],
  ["python3", "3.5", ["python3-base", "python3-libs"]],
  ["alpine-baselayout-data", "3.22", ["alpine-baselayout-data"]],
])("%s on %s: %j", (item, branch, world) => {
  expect(renameWorld(["first", item, "last"], branch, RENAMES)).toEqual(["first", ...world, "last"]);
});
