import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { splitWords, wordsOf } from "../../scripts/variables.mjs";
import { PROJECT } from "../support/workflows.ts";
import { temporaryDirectory } from "../unit/formats/oci/sample-image.ts";

/** A folder as make wants it, with packages that count as installed; what would be run is printed. */
async function workshop() {
  const folder = await temporaryDirectory();
  await mkdir(join(folder, "node_modules"));
  for (const name of ["Makefile", "package.json", "package-lock.json"]) {
    await writeFile(join(folder, name), await readFile(join(PROJECT, name)));
  }
  await symlink(join(PROJECT, "scripts"), join(folder, "scripts"));
  await symlink(join(PROJECT, "schedule"), join(folder, "schedule"));
  await writeFile(join(folder, "node_modules/.package-lock.json"), "{}");
  await writeFile(join(folder, "print.mjs"), "console.log(JSON.stringify(process.argv.slice(2)));\n");
  return folder;
}

/** Everything of make's and the shell's that would run, expand or end a word. @param mark a file that must not come */
function spiteful(mark: string): string[] {
  const touch = `touch ${mark}`;
  return [
    `a; ${touch}`,
    `a && ${touch}`,
    `a | ${touch}`,
    `\`${touch}\``,
    `$(${touch})`,
    `$$(${touch})`,
    `$(shell ${touch})`,
    `$(eval $(shell ${touch}))`,
    `\${shell ${touch}}`,
    `" ; ${touch} ; "`,
    `' ; ${touch} ; '`,
    `a\n${touch}`,
    `\n\t${touch}\n`,
    `a > ${mark}`,
    "a # b \\",
    "$HOME $(HOME) ~ * ? [a-z] $$ $@ %",
    " two  words ",
    "--version",
    "\u00fc \u2192",
  ];
}

const VARIABLES = [
  ...["ONLY", "ARGS", "CATALOG", "REGISTRY", "STATE", "MIRROR_PORT", "TO", "FROM", "SHOW", "CI_SYSTEM"],
  ...["PROFILE", "DESTDIR", "PREFIX", "UNIT_DIR", "SETTINGS"],
] as const;

describe("every variable of the Makefile", () => {
  it("is known to this test", async () => {
    const makefile = await readFile(join(PROJECT, "Makefile"), "utf8");
    const declared = [...makefile.matchAll(/^([A-Z_]+) (?:\?=|:=)/gm)].map(([, name = ""]) => name);
    expect([...new Set(declared)].sort()).toEqual([...VARIABLES].sort());
  });

  /** Gives variables on make's command line, or by the environment. */
  const makeIn = (folder: string, verb: string, given: Record<string, string>, byEnvironment: boolean) =>
    tryRun(
      [
        ...["make", "-s", "-C", folder, verb, "BIRDHOUSE=node print.mjs"],
        ...(byEnvironment ? [] : Object.entries(given).map(([name, value]) => `${name}=${value}`)),
      ],
      byEnvironment ? { env: given } : {},
    );
  const of = (names: readonly string[], value: string) =>
    Object.fromEntries(names.map((name) => [name, value]));
  const WAYS = [
    ["on make's command line", false],
    ["by the environment", true],
  ] as const;

  it.each(WAYS)(
    "given %s is handed on as it is, and never run",
    async (_, byEnvironment) => {
      const folder = await workshop();
      const others = VARIABLES.filter((name) => name !== "ONLY" && name !== "ARGS");
      for (const value of spiteful(join(folder, "run"))) {
        const made = await makeIn(folder, "export", of(others, value), byEnvironment);
        expect(await readdir(folder), value).not.toContain("run");
        expect({ value, exitCode: made.exitCode, stderr: made.stderr }).toEqual({
          value,
          exitCode: 0,
          stderr: "",
        });
        // make itself leaves out the white space that a value on its command line begins with.
        const word = byEnvironment ? value : value.trimStart();
        const options = ["catalog", "state", "profile", "registry", "mirror-port", "to"];
        const expected = options.flatMap((name) => [`--${name}`, word]);
        expect(JSON.parse(made.stdout)).toEqual(["export", ...expected]);
        // What is no target's name, or has a quote too few, is refused; none of it is run.
        await makeIn(folder, "list", of(["ONLY", "ARGS"], value), byEnvironment);
        expect(await readdir(folder), value).not.toContain("run");
      }
    },
    60_000,
  );

  it.each([
    ["import", "FROM"],
    ["runs", "SHOW"],
    ["matrix", "CI_SYSTEM"],
    ["list", "CATALOG"],
    ["sandbox", "MIRROR_PORT"],
    ["clean", "STATE"],
  ])("%s takes %s to the letter", async (verb, variable) => {
    const folder = await workshop();
    const value = `'a' "b" $(shell touch ${join(folder, "run")}) \`; $HOME`;
    for (const byEnvironment of [false, true]) {
      const { stdout } = await makeIn(folder, verb, { [variable]: value }, byEnvironment);
      expect(JSON.parse(stdout.replace(/^plan=/, ""))).toContain(value);
    }
    expect(await readdir(folder)).not.toContain("run");
  });

  it("ONLY that names no target's name is refused before anything is run", async () => {
    // Never a new installation: the tests that run meanwhile would lose their packages.
    const make = ["make", "-s", "-o", "node_modules/.package-lock.json", "-C", PROJECT];
    const { output, exitCode } = await tryRun([...make, "list", "ONLY=lua; touch x"]);
    expect(output).toMatch(
      /^ONLY: "lua;": no target has such a name; expected words such as node or node:22\n/,
    );
    expect(exitCode).toBe(2);
  });

  it("names a folder, a unit or a file that is as odd as it is given", async () => {
    const folder = await workshop();
    for (const value of spiteful(join(folder, "run")).filter((one) => !/["\\\p{Cc}]/u.test(one))) {
      const root = join(folder, "root");
      const given = [`DESTDIR=${root}`, `PREFIX=/${value}`];
      const { exitCode, output } = await tryRun(["make", "-s", "-C", folder, "install-timer", ...given]);
      expect({ exitCode, output }).toEqual({ exitCode: 0, output: "" });
      const units = join(`${root}/${value}`, "etc/systemd/system");
      expect(await readdir(units)).toEqual(["birdhouse.service", "birdhouse.timer"]);
      const service = await readFile(join(units, "birdhouse.service"), "utf8");
      expect(service).toContain(`EnvironmentFile=-/${value.replaceAll("%", "%%")}/etc/birdhouse.env\n`);
      expect(service).not.toMatch(/@[A-Z]+@/);
      await run(["make", "-s", "-C", folder, "uninstall-timer", ...given]);
      expect(await readdir(units)).toEqual([]);
      expect(await readdir(folder)).not.toContain("run");
    }
  }, 60_000);
});

describe("make", () => {
  it("says nothing at a failure but what the command says, and its own last line", async () => {
    const folder = await workshop();
    const { output, exitCode } = await tryRun(["make", "-C", folder, "export", "BIRDHOUSE=node print.mjs"]);
    expect(
      output
        .trim()
        .split("\n")
        .filter((line) => !line.includes("directory '")),
    ).toEqual([
      "TO is missing: say where to, a directory or an archive: make export ONLY=node:22 TO=node.tar",
      expect.stringMatching(/^make: \*\*\* \[.*export\] Error 2$/),
    ]);
    expect(exitCode).toBe(2);
  });

  it("ends with 2 whatever the command ends with, which with-variables.mjs hands on as it is", async () => {
    const folder = await workshop();
    await writeFile(join(folder, "print.mjs"), "process.exitCode = 3;\n");
    const direct = [process.execPath, join(PROJECT, "scripts/with-variables.mjs"), "rebuild", "node"];
    expect((await tryRun([...direct, join(folder, "print.mjs")])).exitCode).toBe(3);
    const made = await tryRun(["make", "-s", "-C", folder, "rebuild", "BIRDHOUSE=node print.mjs"]);
    expect(made.exitCode).toBe(2);
  });

  it("installs the packages again after an installation that was broken off", async () => {
    const folder = await workshop();
    const bin = join(folder, "bin");
    await mkdir(bin);
    const npm = (script: string) =>
      writeFile(join(bin, "npm"), `#!/bin/sh\necho "npm $*" >> ${folder}/log\n${script}\n`, { mode: 0o755 });
    const make = () =>
      tryRun(["make", "-s", "-C", folder, "list", "BIRDHOUSE=node print.mjs"], {
        env: { PATH: `${bin}:${process.env.PATH}` },
      });
    // What npm ci does first, and then it dies.
    await npm("rm -rf node_modules/.package-lock.json; mkdir -p node_modules/half; exit 1");
    await rm(join(folder, "node_modules"), { recursive: true });
    expect((await make()).exitCode).toBe(2);
    await npm("echo {} > node_modules/.package-lock.json");
    expect((await make()).exitCode).toBe(0);
    expect((await make()).exitCode).toBe(0);
    const asked = (await readFile(join(folder, "log"), "utf8")).trim().split("\n");
    expect(asked).toEqual([
      "npm ci --include=dev --no-audit --no-fund",
      "npm ci --include=dev --no-audit --no-fund",
    ]);
  });
});

describe("wordsOf", () => {
  it.each([
    ["list", { ONLY: "node:22  python" }, "list -- node:22 python"],
    ["plan", {}, "plan --profile auto"],
    ["plan", { CATALOG: "c.yaml", STATE: "s" }, "plan --catalog c.yaml --state s --profile auto"],
    ["rebuild", { ONLY: "lua", ARGS: "--force" }, "rebuild --profile auto --force -- lua"],
    ["serve", { REGISTRY: "r" }, "serve --profile auto --registry r"],
    [
      "sandbox",
      { REGISTRY: "r", MIRROR_PORT: "1", STATE: "s" },
      "sandbox --state s --registry r --mirror-port 1",
    ],
    ["runs", { SHOW: "1", ARGS: "--json" }, "runs --json -- show 1"],
    ["matrix", { CI_SYSTEM: "gitlab" }, "plan --profile auto --matrix gitlab"],
    ["export", { TO: "x.tar", ONLY: "lua" }, "export --profile auto --to x.tar -- lua"],
    ["import", { FROM: "x.tar", MIRROR_PORT: "1" }, "import -- x.tar"],
    ["import", { FROM: "x.tar", PROFILE: "sandbox" }, "import --profile sandbox -- x.tar"],
    ["promote", { FROM: "a/b", TO: "c/d", ONLY: "lua" }, "promote -- a/b c/d lua"],
    ["doctor", { BIRDHOUSE_PROFILE: "catalog", PROFILE: "auto" }, "doctor --profile catalog"],
  ])("%s %o", (verb, env, expected) => {
    expect(wordsOf(verb, env).join(" ")).toBe(expected);
  });

  it.each([
    ["list", { ONLY: "lua; touch x" }, /^ONLY: "lua;": no target has such a name/],
    ["list", { ONLY: "--force" }, /^ONLY: "--force"/],
    ["export", {}, /^TO is missing/],
    ["import", {}, /^FROM is missing/],
    ["promote", {}, /^FROM is missing: say from which registry/],
    ["promote", { FROM: "a/b" }, /^TO is missing: say to which registry/],
    ["plan", { ARGS: "--x 'y" }, /^ARGS: there is a ' without its second one/],
  ])("%s %o is refused", (verb, env, message) => {
    expect(() => wordsOf(verb, env)).toThrow(message);
  });
});

describe("splitWords", () => {
  it.each([
    ["", []],
    ["  --write   --markdown\n", ["--write", "--markdown"]],
    [`--to "a b" 'c "d'`, ["--to", "a b", 'c "d']],
    [`--to="a b"c`, ["--to=a bc"]],
    [String.raw`a\ b "c\"d" 'e\f' "g\h"`, ["a b", 'c"d', String.raw`e\f`, String.raw`g\h`]],
    [`""`, [""]],
    ["$HOME `id` $(id) ; *", ["$HOME", "`id`", "$(id)", ";", "*"]],
  ])("%j", (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});
