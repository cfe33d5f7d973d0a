import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RejectedError } from "../../../scripts/model/run.ts";
import type { Example } from "../../../scripts/model/target.ts";
import { runTold } from "../../../scripts/smoke/programs.ts";
import { smoke } from "../../../scripts/smoke/smoke.ts";
import type { ProcessResult } from "../../../scripts/system/process/process.ts";
import { buildRelease, FakeEngine, printed, sampleAnswer } from "../../support/fake-engine.ts";
import { sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

async function test(engine: FakeEngine, changes: Partial<Example> = {}) {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, "app"));
  await writeFile(join(directory, "app/app.js"), "42\n");
  const example: Example = {
    directory: join(directory, "app"),
    dependencies: ["npm", "install"],
    test: ["npm", "test"],
    run: ["node", "app.js"],
    output: "hello, world",
    ...changes,
  };
  const release = await buildRelease(engine, sampleRelease({ example }), directory);
  engine.log.length = 0;
  const testing = smoke(release, { engine, scratch: join(directory, "scratch"), network: "host" });
  return { directory, testing };
}

describe("an example", () => {
  it("gets its dependencies, is tested and compiled in dev, and runs in runtime without a network", async () => {
    const engine = new FakeEngine();
    const { testing } = await test(engine, { build: ["npm", "run", "build"] });
    await testing;
    expect(engine.log.slice(-6)).toEqual([
      "run node-22-dev: npm install",
      "run node-22-dev: npm test",
      "run node-22-dev: npm run build",
      "run node-22: node app.js",
      "remove node-22",
      "remove node-22-dev",
    ]);
    const steps = engine.runs.slice(-4);
    expect(steps.map(({ options }) => [options.workdir, options.network])).toEqual([
      ["/usr/src/app", "host"],
      ["/usr/src/app", "host"],
      ["/usr/src/app", "host"],
      ["/usr/src/app", "none"],
    ]);
    expect(new Set(steps.map(({ options }) => options.mounts?.[0]?.source)).size).toBe(1);
  });

  it("is run again where it ended well and printed nothing, and fails where that stays so", async () => {
    const engine = new FakeEngine();
    let silent = 2;
    engine.answer = (run) => (run.argv[1] === "app.js" && silent-- > 0 ? "" : sampleAnswer(run));
    await (await test(engine)).testing;
    expect(engine.log.filter((line) => line === "run node-22: node app.js")).toHaveLength(3);
    engine.answer = (run) => (run.argv[1] === "app.js" ? "" : sampleAnswer(run));
    await expect((await test(engine)).testing).rejects.toThrow(RejectedError);
  });

  it("works on a copy, so that nothing is left in the example itself", async () => {
    const engine = new FakeEngine();
    engine.answer = async (run) => {
      const mount = run.options.mounts?.[0]?.source ?? "";
      if (run.argv[1] === "install") await writeFile(join(mount, "app.js"), "changed");
      return sampleAnswer(run);
    };
    const { directory, testing } = await test(engine);
    await testing;
    expect(await readFile(join(directory, "app/app.js"), "utf8")).toBe("42\n");
  });

  it("fails the release with the step that failed", async () => {
    const engine = new FakeEngine();
    engine.answer = (run) => (run.argv[1] === "test" ? printed("1 failing", 1) : sampleAnswer(run));
    const { testing } = await test(engine);
    await expect(testing).rejects.toThrow(RejectedError);
    await expect(testing).rejects.toThrow("in node:22-dev `npm test` ended with exit code 1: 1 failing");
  });

  it("fails the release when the app prints something else", async () => {
    const { testing } = await test(new FakeEngine(), { output: "42" });
    await expect(testing).rejects.toThrow('node:22 should print "42" but printed: hello, world');
  });
});

describe("a program whose words may be lost", () => {
  const lua = ["lua", "app.lua"];
  const isGreeting = ({ stdout }: ProcessResult) => stdout === "hello\nworld\n";
  /** @param answers what comes, one after the other */
  const container = (losesOutput: boolean, ...answers: readonly (string | ProcessResult)[]) => {
    const asked: string[] = [];
    const run = async (argv: readonly string[]) => {
      const answer = answers[asked.push(argv.join(" ")) - 1] ?? "";
      return typeof answer === "string" ? printed(answer) : answer;
    };
    return { asked, losesOutput, run, remove: async () => {} };
  };

  it.each([
    ["all", ["", "hello\nworld\n"]],
    ["the end", ["hello\n", "hello\nworld\n"]],
    ["twice", ["", "hello\n", "hello\nworld\n"]],
  ] as const)("is asked again where %s is missing", async (_, answers) => {
    const losing = container(true, ...answers);
    expect((await runTold(losing, lua, {}, isGreeting)).stdout).toBe("hello\nworld\n");
    expect(losing.asked).toHaveLength(answers.length);
  });

  it("also where it should fail", async () => {
    const losing = container(true, printed("", 1), printed("no such module", 1));
    const isRight = ({ exitCode, output }: ProcessResult) => exitCode === 1 && output.includes("module");
    expect((await runTold(losing, lua, {}, isRight)).output).toBe("no such module");
  });

  it("is not asked until it prints what it should: what it printed first must be the beginning of it", async () => {
    const wrong = container(true, "hullo\n", "hello\nworld\n");
    expect((await runTold(wrong, lua, {}, isGreeting)).stdout).toBe("hullo\n");
    const failing = container(true, printed("", 1), "hello\nworld\n");
    expect((await runTold(failing, lua, {}, isGreeting)).exitCode).toBe(1);
  });

  it("is asked three times and no more, and once by an engine that loses nothing", async () => {
    const silent = container(true, "", "", "", "hello\nworld\n");
    expect((await runTold(silent, lua, {}, isGreeting)).stdout).toBe("");
    expect(silent.asked).toHaveLength(3);
    const sound = container(false, "", "hello\nworld\n");
    expect((await runTold(sound, lua, {}, isGreeting)).stdout).toBe("");
    expect(sound.asked).toHaveLength(1);
  });
});
