import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tryRun } from "../../../scripts/system/process/process.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const PROJECT = new URL("../../../", import.meta.url).pathname;
const MODULES = join(PROJECT, "node_modules");
const ADVICE = "→ remove node_modules and type: npm ci --include=dev\n";

/** A checkout of one file, whose packages are these: a name → what is in its package. `all` has them all. */
async function checkout(
  packages: "all" | Readonly<Record<string, Readonly<Record<string, string>>>>,
  program = 'export const main = () => console.log("started");',
): Promise<string> {
  const directory = await temporaryDirectory();
  await chmod(directory, 0o755);
  await mkdir(join(directory, "scripts"));
  await mkdir(join(directory, "sandbox"));
  for (const name of ["start.mjs", "bundle.mjs"]) {
    await cp(join(PROJECT, "scripts", name), join(directory, "scripts", name));
  }
  await writeFile(join(directory, "scripts/birdhouse.ts"), program);
  await writeFile(join(directory, "package-lock.json"), "{}");
  if (packages === "all") await symlink(MODULES, join(directory, "node_modules"));
  else {
    for (const [name, files] of Object.entries(packages)) {
      const place = join(directory, "node_modules", name);
      await mkdir(place, { recursive: true });
      for (const [file, text] of Object.entries(files)) await writeFile(join(place, file), text);
    }
  }
  return directory;
}

const start = (directory: string, before: readonly string[] = []) =>
  tryRun([...before, process.execPath, join(directory, "scripts/start.mjs")]);

describe("the one way to start", () => {
  it("is what every scheduler, workflow and make target uses", async () => {
    const folders = ["schedule/systemd", "schedule/kubernetes", "schedule/gitlab", ".github/workflows"];
    const inFolders = folders.map(async (folder) =>
      (await readdir(join(PROJECT, folder))).map((name) => `${folder}/${name}`),
    );
    const files = ["Makefile", ".gitlab-ci.yml", ...(await Promise.all(inFolders)).flat()];
    const texts = await Promise.all(files.map((file) => readFile(join(PROJECT, file), "utf8")));
    const past = files.filter((_, index) => /tsx|birdhouse\.ts/.test(texts[index] ?? ""));
    expect(past).toEqual([]);
    expect(texts.filter((text) => /node"? scripts\/(?:start|with-variables)\.mjs/.test(text))).not.toEqual(
      [],
    );
  });
});

describe("a start with packages that are not all there", () => {
  it("says so where there are none", async () => {
    expect(await start(await checkout({}))).toMatchObject({
      exitCode: 2,
      output: `node_modules is not complete (it is not there): an installation of packages was cut off, or never made\n${ADVICE}`,
    });
  });

  it.each<
    [what: string, packages: Readonly<Record<string, Readonly<Record<string, string>>>>, lacks: string]
  >([
    ["none that we need", { other: {} }, "it lacks esbuild"],
    ["a folder without a file", { esbuild: {} }, "it lacks esbuild"],
    [
      "half a file",
      { esbuild: { "package.json": '{"main":"x.js"}', "x.js": "module.exports = {" } },
      "node_modules/esbuild",
    ],
    [
      "no program of esbuild's",
      {
        esbuild: {
          "package.json": '{"main":"x.js"}',
          "x.js": `exports.build = () => { throw new Error('The package "@esbuild/linux-x64" could not be found'); };`,
        },
      },
      "it lacks the program of esbuild",
    ],
  ])("says so in one line: %s", async (_, packages, lacks) => {
    const { exitCode, output } = await start(await checkout(packages));
    expect(exitCode).toBe(2);
    expect(output).toContain(`node_modules is not complete (${lacks}`);
    expect(output.endsWith(ADVICE)).toBe(true);
    expect(output.trimEnd().split("\n")).toHaveLength(2);
  });

  it("says so of one that our code needs", async () => {
    const { exitCode, stderr } = await start(await checkout("all", 'import "no-such-package";'));
    expect(exitCode).toBe(2);
    expect(stderr).toContain("(it lacks no-such-package)");
  });

  it("tells a mistake of our own as one", async () => {
    const { exitCode, stderr } = await start(await checkout("all", "const = 1;"));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^scripts\/birdhouse\.ts:1:\d+: ERROR/m);
    expect(stderr).not.toContain("node_modules is not complete");
  });
});

describe.runIf(process.getuid?.() === 0)("a start by a user without an entry in passwd", () => {
  const nobody = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "env", "-u", "HOME"];

  it("works in a checkout that is another's, and leaves nothing behind", async () => {
    const directory = await checkout("all");
    const temporary = await temporaryDirectory();
    await chmod(temporary, 0o777);
    const { exitCode, output } = await start(directory, [...nobody, `TMPDIR=${temporary}`]);
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: "started\n" });
    expect(await readdir(temporary)).toEqual([]);
  });

  it("keeps its bundle in the cache where there is one", async () => {
    const directory = await checkout("all");
    const home = await temporaryDirectory();
    await chmod(home, 0o777);
    const words = [...nobody, `XDG_CACHE_HOME=${home}`];
    expect((await start(directory, words)).output).toBe("started\n");
    expect((await start(directory, words)).output).toBe("started\n");
    const [place = ""] = await readdir(join(home, "birdhouse"));
    expect(await readdir(join(home, "birdhouse", place))).toHaveLength(2);
  });
});
