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
      `32:5: packages: unknown key, expected one of ${KEYS.image}; it belongs into runtime or dev`,
    ],
    [
      "      cmd: [node]",
      "      tags: [current]",
      `25:7: tags: unknown key, expected one of ${KEYS.runtime}`,
    ],
    [
      "      cmd: [node]",
      "      smoke: {}",
      `25:7: smoke: unknown key, expected one of ${KEYS.runtime}; it belongs one level up, beside runtime`,
    ],
    ["      cmd: [node]", "      colour: blue", `25:7: colour: unknown key, expected one of ${KEYS.runtime}`],
    ["    description: Lua\n", "", "31:3: lua: description is missing"],
    [
      "  base: docker.io/library/alpine\n  packages: https://dl-cdn.alpinelinux.org/alpine\n",
      "  {}\n",
      "4:1: sources: base, packages are missing",
    ],
    [
      "    package: nodejs",
      "    package: nodejs\n    description: twice",
      "16:5: description: this key is there already, in line 14",
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
