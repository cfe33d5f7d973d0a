import { describe, test } from "vitest";
import { expectMistake, KEYS, type Mistake } from "./good-catalog.ts";

describe("keys", () => {
  test.each<Mistake>([
    [
      "      env: { NODE",
      "      evn: { NODE",
      `24:7: evn: unknown key, expected one of ${KEYS.runtime}; did you mean "env"?`,
    ],
    [
      "registry: ghcr.io",
      "regsitry: ghcr.io",
      `2:1: regsitry: unknown key, expected one of ${KEYS.catalog}; did you mean "registry"?`,
    ],
    [
      "    description: Lua",
      "    packages: [lua]",
      "31:3: lua: description is missing",
      `32:5: packages: unknown key, expected one of ${KEYS.image}; move it into runtime or dev`,
    ],
    [
      "      cmd: [node]",
      "      tags: [current]",
      `25:7: tags: unknown key, expected one of ${KEYS.runtime}`,
    ],
    [
      "      cmd: [node]",
      "      smoke: {}",
      `25:7: smoke: unknown key, expected one of ${KEYS.runtime}; move it one level up, beside runtime`,
    ],
    ["      cmd: [node]", "      colour: blue", `25:7: colour: unknown key, expected one of ${KEYS.runtime}`],
    [
      "        dev: { packages: [pnpm] }",
      "        dev: { shell: true }\n        runtime: { shell: true, budget: 1 MB }",
      "21:16: shell: unknown key, expected one of packages, env, links, budget",
      "22:20: shell: unknown key, expected one of packages, env, links, budget, bytecode; it is for all versions of an image: move it into images.node.runtime",
    ],
    [
      "    packages: [tzdata]",
      "    shell: true",
      "9:5: shell: unknown key, expected one of packages, env; it is for all versions of an image: move it into images.NAME.runtime",
    ],
    ["    description: Lua\n", "", "31:3: lua: description is missing"],
    [
      "  base: docker.io/library/alpine\n  packages: https://dl-cdn.alpinelinux.org/alpine\n",
      "  {}\n",
      "4:1: sources: base, packages are missing",
    ],
    [
      "    package: nodejs",
      "    package: nodejs\n    description: twice",
      "16:5: description: this key is already set in line 14",
    ],
    [
      '"20": { branch',
      "3.10: { branch",
      '17:7: 3.10: YAML reads this key as the number 3.1; write it in quotes: "3.10"',
    ],
    [
      '"20": { branch',
      "20: { branch",
      '17:7: 20: YAML reads this key as the number 20; write it in quotes: "20"',
    ],
    [
      '"20": { branch',
      "true: { branch",
      '17:7: true: YAML reads this key as true; write it in quotes: "true"',
    ],
    [
      '"20": { branch',
      "? [20]\n      : { branch",
      "17:7: expected a key, found a bracket or an alias; a {{placeholder}} needs quotes",
    ],
  ])("%j → %j", expectMistake);
});

describe("what must be there unless it is taken over", () => {
  test.each<Mistake>([
    ["registry: ghcr.io/birdhouse\n", "", "1:1: registry is missing"],
    ["    package: nodejs\n", "", "13:3: node: package is missing"],
    [
      "images:\n  node:",
      "images:\n  web: {}\n  node:",
      "13:3: web: description, package, versions, smoke are missing",
    ],
    ['"20": { branch: "3.20" }', '"20": {}', "17:7: 20: branch is missing"],
    [
      '"20": { branch: "3.20" }',
      '"20":',
      "17:7: 20: expected a mapping (key: value), found nothing (write {} for an empty mapping)",
    ],
  ])("%j → %j", expectMistake);
});

describe("values that quotes would not put right", () => {
  const MB = 'expected a size such as "30 MB" or "1.5 GiB"';
  const DAY = 'expected a date such as "2027-05-01"';
  const UNITS = "(the units are B, kB, MB, GB, KiB, MiB and GiB)";
  const MISSING = "(the unit is missing: B, kB, MB, GB, KiB, MiB or GiB)";
  test.each<Mistake>([
    ["shell: true", "budget: 30", `40:15: budget: ${MB}, found "30" ${MISSING}`],
    ["shell: true", 'budget: "30"', `40:15: budget: ${MB}, found "30" ${MISSING}`],
    ["shell: true", "budget: 30 mb", `40:15: budget: ${MB}, found "30 mb" ${UNITS}`],
    ["shell: true", "budget: big", `40:15: budget: ${MB}, found "big"`],
    ["shell: true", "budget: 1,5 MB", `40:15: budget: ${MB}, found "1,5 MB"`],
    ["dev: { packages: [pnpm] }", "dev: { budget: 1.5 }", `21:24: budget: ${MB}, found "1.5" ${MISSING}`],
    ["tags: [lts]", "eol: 2027-04", `20:14: eol: ${DAY}, found "2027-04" (with the day)`],
    ["tags: [lts]", "eol: 2027", `20:14: eol: ${DAY}, found "2027" (with month and day)`],
    ["tags: [lts]", "eol: 2027-13-01", `20:14: eol: ${DAY}, found "2027-13-01"`],
    ["tags: [lts]", "eol: 30.4.2027", `20:14: eol: ${DAY}, found "30.4.2027"`],
    ["tags: [lts]", "eol: 2027-02-30", "20:14: eol: there is no such day"],
    ["tags: [lts]", "eol: 2027-02-29", "20:14: eol: there is no such day"],
    [
      "images:",
      'branches: { "3.20": { eol: 2026-04-31 }, "3.22": { eol: 2027-05-01 } }\nimages:',
      "12:28: eol: there is no such day",
    ],
    [
      "images:",
      'branches: { "3.20": { eol: 2026-04-01, repositories: [testing] }, "3.22": { eol: 2027-05-01 } }\nimages:',
      '12:55: repositories[0]: expected main or community, found "testing"',
    ],
    [
      "images:",
      'branches: { "3.20": { eol: 2026-04-01, repositories: [] }, "3.22": { eol: 2027-05-01 } }\nimages:',
      "12:54: repositories: expected at least one item, found an empty list",
    ],
    [
      "images:",
      'branches: { "3.20": { eol: 2026-04-01, repositories: [main, main] }, "3.22": { eol: 2027-05-01 } }\nimages:',
      "12:54: repositories: expected each repository once",
    ],
    ["tags: [lts]", "example: true", "20:18: example: expected false, found true"],
    [
      "    package: nodejs",
      '    package: "{{package}}"',
      '15:14: package: expected the name of an Alpine package, found "{{package}}" (this is what {{package}} stands for)',
    ],
    [
      "tags: [lts]",
      'package: "{{package}}22"',
      '20:18: package: expected the name of an Alpine package, found "{{package}}22" (this is what {{package}} stands for)',
    ],
    [
      "shell: true",
      "remove: [usr/share/man]",
      '40:16: remove[0]: expected an absolute path, in which * and ? may stand, such as "/usr/share/man", found "usr/share/man"',
    ],
  ])("%j → %j", expectMistake);
});

describe("types", () => {
  test.each<Mistake>([
    [
      'branch: "3.20"',
      "branch: 3.20",
      '17:23: branch: expected a string, found the number 3.20, which YAML reads as 3.2 (write it as "3.20")',
    ],
    [
      'branch: "3.20"',
      "branch: 3.22",
      '17:23: branch: expected a string, found the number 3.22 (write it as "3.22")',
    ],
    [
      "NODE_ENV: production",
      "PORT: 80",
      '24:20: PORT: expected a string, found the number 80 (write it as "80")',
    ],
    [
      "NODE_ENV: production",
      "DEBUG: true",
      '24:21: DEBUG: expected a string, found true (write it as "true")',
    ],
    [
      "NODE_ENV: production",
      "EMPTY: ",
      '24:14: EMPTY: expected a string, found nothing (write "" for an empty text)',
    ],
    ["NODE_ENV: production", "LIST: [a]", "24:20: LIST: expected a string, found a list"],
    ["cmd: [node]", "cmd: node", '25:12: cmd: expected a list, found "node" (write it as [node])'],
    ["cmd: [node]", "cmd: []", "25:12: cmd: expected at least one item, found an empty list"],
    ["cmd: [node]", "cmd:", "25:7: cmd: expected a list, found nothing (write [] for an empty list)"],
    [
      "cmd: [node]",
      "cmd: [node, 1]",
      '25:19: cmd[1]: expected a string, found the number 1 (write it as "1")',
    ],
    [
      "      env: { NODE_ENV: production }",
      "      env:",
      "24:7: env: expected a mapping (key: value), found nothing (write {} for an empty mapping)",
    ],
    [
      "env: { NODE_ENV: production }",
      "env: [a]",
      "24:12: env: expected a mapping (key: value), found a list",
    ],
    ["shell: true", "shell: yes", '40:14: shell: expected true or false, found "yes" (write it as true)'],
    ["shell: true", "shell: maybe", '40:14: shell: expected true or false, found "maybe"'],
    [
      "linux/arm64]",
      "linux/amr64]",
      '3:26: platforms[1]: expected linux/amd64 or linux/arm64, found "linux/amr64"; did you mean "linux/amd64" or "linux/arm64"?',
    ],
    ["linux/arm64]", "windows]", '3:26: platforms[1]: expected linux/amd64 or linux/arm64, found "windows"'],
    ["linux/arm64]", "linux/amd64]", "3:12: platforms: expected each platform once"],
    [
      "    package: nodejs",
      "    package: {{version}}",
      "15:14: expected a key, found a bracket or an alias; a {{placeholder}} needs quotes",
    ],
  ])("%j → %j", expectMistake);
});
