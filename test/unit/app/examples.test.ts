import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { examplesText } from "../../../scripts/app/examples.ts";
import { commandLine } from "../../../scripts/birdhouse.ts";
import { wordsOf } from "../../../scripts/variables.mjs";

const VERBS = commandLine().commands.map((command) => command.name());
const STARTS = {
  npm: { env: {} },
  make: { env: { MAKELEVEL: "1" } },
  npx: { env: { npm_command: "exec" }, packaged: true },
} as const;

/** The commands in a text of examples, as they are typed. */
function typedIn(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => /^ {2}[^# ]/.test(line))
    .map((line) => line.trim());
}

/** The words that the program gets where such a line is typed into a shell. */
function wordsIn(line: string): string[] {
  const words = line.match(/[^\s"]+(?:"[^"]*")?/g)?.map((word) => word.replaceAll('"', "")) ?? [];
  if (words[0] === "npm") return words.slice(5);
  if (words[0] === "npx") return words.slice(2);
  const variables = words.slice(2).map((word) => word.split(/=(.*)/s).slice(0, 2));
  return wordsOf(words[1] ?? "", Object.fromEntries(variables));
}

/** The command that the program would have run. */
async function parse(words: readonly string[]): Promise<string[]> {
  const ran: string[] = [];
  const program = commandLine();
  for (const command of program.commands) command.action(() => void ran.push(command.name()));
  await program.parseAsync(words, { from: "user" });
  return ran;
}

function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => 80,
  });
  command.outputHelp();
  return help;
}

describe.each(VERBS)("the help of %s", (verb) => {
  it("ends with examples, in lines of 80 characters", () => {
    const command = commandLine().commands.find((one) => one.name() === verb) as Command;
    const help = helpOf(command);
    expect(help).toContain(examplesText(verb));
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it.each(Object.entries(STARTS))("has examples that %s and the program take", async (_, started) => {
    const lines = typedIn(examplesText(verb, started));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(78);
      expect({ line, ran: await parse(wordsIn(line)) }).toEqual({ line, ran: [verb] });
    }
  });
});

describe("the command line", () => {
  it("has a list of commands in lines of 80 characters, each in a group", () => {
    const help = helpOf(commandLine());
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(help).not.toContain("\nCommands:");
  });

  it("refuses an option that does not exist: so an example with one would be found", async () => {
    await expect(parse(wordsIn("npm run -s birdhouse -- plan --no-such"))).rejects.toThrow("unknown option");
    await expect(parse(wordsIn('make plan ONLY=node ARGS="--no-such"'))).rejects.toThrow("unknown option");
  });

  it("tells its version", async () => {
    const program = commandLine();
    let text = "";
    program.configureOutput({
      writeOut: (part) => {
        text += part;
      },
    });
    await expect(program.parseAsync(["--version"], { from: "user" })).rejects.toMatchObject({ exitCode: 0 });
    expect(text).toMatch(/^birdhouse \d+\.\d+\.\d+\n$/);
  });
});
