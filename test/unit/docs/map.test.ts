import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandLine } from "../../../scripts/birdhouse.ts";
import { PROJECT } from "../../support/code.ts";

const read = (file: string) => readFileSync(join(PROJECT, file), "utf8");

/** What the linter makes the rules between rooms from. */
const ROOMS: readonly string[] = createRequire(import.meta.url)(join(PROJECT, "lint/rooms.cjs"));

/** Of a table with a header like `| room | … |`, what its first column has. */
function firstColumn(text: string, header: string): string[] {
  const table = text.slice(text.indexOf(`\n${header}`) + 1).split("\n\n")[0] ?? "";
  return table
    .split("\n")
    .slice(2)
    .map((row) => row.split("|")[1]?.trim() ?? "");
}

/** What a text names in backticks that looks like a file or a folder of the project: `scripts/plan/plan.ts`. */
function pathsIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, name = ""]) => name);
  return quoted.filter(
    (name) => /\.(ts|mjs|cjs|md|yaml|hbs|json)$/.test(name) || /^(scripts|sandbox|test)\//.test(name),
  );
}

/** Where something of a path is told as a pattern, the part before it. */
const fixedPart = (path: string) => path.replace(/[A-Z]{2,}.*$/, "");

describe("the map", () => {
  const architecture = read("docs/architecture.md");
  const [way = ""] = architecture
    .slice(architecture.indexOf("\n## The way of one target"))
    .split("\n**Account.**");

  it("has a file in commands/ for each verb, and none more", () => {
    const verbs = commandLine().commands.map((command) => `${command.name()}.ts`);
    expect(readdirSync(join(PROJECT, "scripts/commands")).sort()).toEqual(verbs.sort());
  });

  it("has every room of scripts/, in the order of the rules, and none more", () => {
    const table = firstColumn(read("README.md"), "| room | what it does |");
    expect(table).toEqual(ROOMS.map((room) => `\`${room}/\``));
    const folders = readdirSync(join(PROJECT, "scripts"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(folders.sort()).toEqual([...ROOMS].sort());
    expect(ROOMS.length).toBeLessThanOrEqual(20);
  });

  it("leads to files that are read in one go: none has more than 250 lines", () => {
    const lengths = ["scripts", "sandbox"]
      .flatMap((room) => readdirSync(room, { recursive: true }).map((file) => join(room, String(file))))
      .filter((file) => /\.ts$/.test(file))
      .map((file) => [file, read(file).split("\n").length - 1] as const);
    expect(lengths.length).toBeGreaterThan(400);
    expect(lengths.filter(([, lines]) => lines > 250)).toEqual([]);
  });

  it("names only files that exist", () => {
    const paths = pathsIn(architecture);
    expect(paths.length).toBeGreaterThan(50);
    expect(paths.filter((path) => !existsSync(join(PROJECT, fixedPart(path))))).toEqual([]);
  });

  it("numbers the steps of a target in their order, and passes at most 40 files", () => {
    const steps = [...way.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
    expect(steps.length).toBeGreaterThan(20);
    expect(steps).toEqual(steps.map((_, index) => index + 1));
    const files = new Set(pathsIn(way).filter((path) => /\.(ts|mjs)$/.test(path)));
    expect(files.size).toBeGreaterThan(25);
    expect(files.size).toBeLessThanOrEqual(40);
  });

  it("says where to put each of the ten likeliest changes", () => {
    const rows = firstColumn(architecture, "| what | where | also |");
    expect(rows).toHaveLength(10);
    const words = [
      "language",
      "reason",
      "registry",
      "engine",
      "output",
      "command",
      "key",
      "check",
      "platform",
      "notif",
    ];
    for (const [index, word] of words.entries()) expect(rows[index]).toContain(word);
  });
});
