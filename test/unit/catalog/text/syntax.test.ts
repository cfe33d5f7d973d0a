import { describe, test } from "vitest";
import { expectMistake, type Mistake } from "../good-catalog.ts";

describe("broken YAML", () => {
  test.each<Mistake>([
    ["      cmd: [node]", "\tcmd: [node]", "25:1: a tab; YAML is indented with spaces only"],
    [
      '    versions:\n      "20"',
      '    versions\n      "20"',
      '16:5: expected "key: value", with a colon and a space',
    ],
    [
      '["nodejs~{{version}}"]',
      "[nodejs~{{version}}]",
      '23:25: expected a comma between two items in brackets; what holds a {{placeholder}} needs quotes: "nodejs~{{version}}"',
    ],
    ["description: Lua", "description: 'Lua", "32:18: the ' opened here is not closed"],
    ["cmd: [node]", "cmd: [node", "25:12: the [ opened here is not closed"],
    [
      "env: { NODE_ENV: production }",
      "env: { NODE_ENV: production",
      "24:12: the { opened here is not closed",
    ],
    [
      "description: Lua",
      "description: Lua: a language",
      '32:18: a second ": " in one line, or the next line is indented too far; a text with ": " in it needs quotes',
    ],
    ["description: Lua", "description: @lua", "32:18: @ cannot begin a text without quotes"],
    [
      "    smoke:\n      version",
      "   smoke:\n      version",
      "28:1: this line is not indented like the lines it belongs to",
    ],
    ["cmd: [node]", "cmd: [node], x", "25:18: expected nothing more behind this value"],
    ["images:", "---\nimages:", "12:1: a second document begins here (---); a catalog is one document"],
    [
      "description: Lua",
      "description: *lua",
      "32:18: *lua: aliases are not allowed in a catalog; write out the value it stands for",
    ],
    ["description: Lua", "description: !lua x", "32:18: tags (!…) are not allowed in a catalog"],
    ["registry: ", "registry ", '2:1: expected "key: value", with a colon and a space'],
    [
      "tags: [lts]",
      "- lts",
      '20:1: a second ": " in one line, or the next line is indented too far; a text with ": " in it needs quotes',
      '20:9: expected "key: value", with a colon and a space',
    ],
  ])("%j → %j", expectMistake);
});
