import { describe, test } from "vitest";
import { expectMistake, type Mistake } from "../good-catalog.ts";

describe("what values must be together", () => {
  test.each<Mistake>([
    [
      '"20": { branch: "3.20" }',
      '"20": { branch: "3.20", tags: [lts] }',
      "20:16: lts: one tag cannot name two targets: node:20 (line 17) and node:22 (line 20)",
    ],
    [
      '"20": { branch: "3.20" }',
      '"20": { branch: "3.20", tags: ["22"] }',
      "18:7: 22: one tag cannot name two targets: node:20 (line 17) and node:22 (line 18)",
    ],
    [
      '"20": { branch: "3.20" }',
      '"20": { branch: "3.20", tags: ["22-dev"] }',
      "18:7: 22-dev: one tag cannot name two targets: node:20 (line 17) and node:22-dev (line 18)",
    ],
    [
      '"20": { branch: "3.20" }',
      '"20": { branch: "3.20", tags: [dev] }',
      "18:7: dev: one tag cannot name two targets: node:20 (line 17) and node:22-dev (line 18)",
    ],
    [
      '"20": { branch: "3.20" }',
      '"22-dev": { branch: "3.20" }',
      "17:7: 22-dev: one tag cannot name two targets: node:22-dev (line 18) and a version 22-dev (line 17)",
    ],
    [
      '"5.1": { branch: "3.22" }\n      "5.4": { branch: "3.22" }',
      '"5.1": { branch: "3.22", latest: true }\n      "5.4": { branch: "3.22", latest: true }',
      "36:32: latest: one tag cannot name two targets: lua:5.1 (line 35) and lua:5.4 (line 36)",
    ],
    [
      '"nodejs~{{version}}"]',
      "nodejs]",
      '23:18: nodejs: this does not pin node:20 to version 20, so its tag would be wrong; write "nodejs~{{version}}"',
    ],
    [
      '"nodejs~{{version}}"]',
      '"nodejs>=20"]',
      '23:18: nodejs>=20: this does not pin node:20 to version 20, so its tag would be wrong; write "nodejs~{{version}}"',
    ],
    [
      '"nodejs~{{version}}"]',
      '"nodejs~22"]',
      '23:18: nodejs~22: this does not pin node:20 to version 20, so its tag would be wrong; write "nodejs~{{version}}"',
    ],
    [
      '"nodejs~{{version}}"]',
      '"nodejs=20.1.0-r0", "nodejs~2"]',
      '23:18: nodejs=20.1.0-r0: this does not pin node:22 to version 22, so its tag would be wrong; write "nodejs~{{version}}"',
      '23:38: nodejs~2: this does not pin node:20 to version 20, so its tag would be wrong; write "nodejs~{{version}}"',
    ],
    [
      '"lua{{version}}~{{version}}"',
      "luajit",
      '33:5: lua{{version}}: neither variant installs this package, so nothing pins lua:5.1 to its version; add "lua{{version}}~{{version}}" to the packages of runtime or dev',
    ],
    [
      '"lua{{version}}~{{version}}"',
      '"!lua{{version}}"',
      '33:5: lua{{version}}: neither variant installs this package, so nothing pins lua:5.1 to its version; add "lua{{version}}~{{version}}" to the packages of runtime or dev',
    ],
    [
      "images:",
      'branches: { "3.20": { eol: 2026-04-01 } }\nimages:',
      '20:9: 3.22: branches has no Alpine branch "3.22"; did you mean "3.20"?',
      '36:16: 3.22: branches has no Alpine branch "3.22"; did you mean "3.20"?',
      '37:16: 3.22: branches has no Alpine branch "3.22"; did you mean "3.20"?',
    ],
    [
      '"20": { branch: "3.20" }',
      '"20": { branch: "3.20", package: nodejs-lts }',
      '17:31: nodejs-lts: neither variant installs this package, so nothing pins node:20 to its version; add "nodejs-lts~{{version}}" to the packages of runtime or dev',
    ],
    [
      "dev: { packages: [pnpm] }",
      "dev: { packages: [nodejs] }",
      '21:27: nodejs: this does not pin node:22-dev to version 22, so its tag would be wrong; write "nodejs~{{version}}"',
    ],
  ])("%j → %j", expectMistake);
});
