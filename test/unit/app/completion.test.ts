import { describe, expect, it } from "vitest";
import { candidates } from "../../../scripts/app/completion.ts";
import { commandLine } from "../../../scripts/birdhouse.ts";

const asked: string[] = [];
const behind = (...words: string[]) =>
  candidates(commandLine(), words, async (catalog) => {
    asked.push(catalog);
    return ["node", "node:22", "node:22-dev", "lua"];
  });

describe("what may come next", () => {
  it("is a verb at first", async () => {
    expect(await behind("")).toEqual(
      expect.arrayContaining(["check", "help", "list", "rebuild", "--version"]),
    );
    expect(await behind("re")).toEqual(["rebuild", "render"]);
    expect(await behind("help", "roll")).toEqual(["rollback"]);
  });

  it.each([
    ["options of the verb", ["rebuild", "--f"], ["--force"]],
    ["options once", ["rebuild", "--force", "--fo"], []],
    ["what an option takes", ["rebuild", "--engine", "b"], ["buildah"]],
    ["what the shell knows, for a file", ["rebuild", "--catalog", ""], []],
    ["targets", ["rebuild", "--force", "node:22"], ["node:22", "node:22-dev"]],
    ["targets behind a switch", ["list", "--eol", "l"], ["lua"]],
    ["words that a verb takes", ["completion", "z"], ["zsh"]],
    ["nothing behind the last word of a verb", ["completion", "zsh", ""], []],
    ["nothing for a verb that there is not", ["rebiuld", ""], []],
  ])("is %s", async (_, words, expected) => {
    expect(await behind(...words)).toEqual(expected);
  });

  it("asks the catalog that the line names", async () => {
    asked.length = 0;
    await behind("list", "");
    await behind("list", "--catalog", "birds/catalog.yaml", "");
    expect(asked).toEqual(["catalog.yaml", "birds/catalog.yaml"]);
  });
});
