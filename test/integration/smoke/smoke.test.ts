import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { BuiltRelease } from "../../../scripts/build/built.ts";
import { hostPlatform, PLATFORMS } from "../../../scripts/model/platform.ts";
import { RejectedError } from "../../../scripts/model/run.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { smoke } from "../../../scripts/smoke/smoke.ts";
import type { ProcessResult } from "../../../scripts/system/process/process.ts";
import { commandLine } from "../../../scripts/system/shown/started.ts";
import {
  buildRelease,
  FakeEngine,
  type FakeRun,
  printed,
  sampleAnswer,
  sampleImage,
} from "../../support/fake-engine.ts";
import { sampleDebug, sampleRelease } from "../../support/sample-target.ts";
import { type Tree, temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

type Changes = Partial<Omit<Target, "variant" | "name">>;

/** Of what most tests are of: built once, as no test changes anything of it. */
let usual: BuiltRelease;
let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "birdhouse-smoke-"));
  usual = await buildRelease(new FakeEngine(), sampleRelease(), built);
});
afterAll(() => rm(built, { recursive: true }));

/** A release that the engine has built. */
async function releaseOf(engine: FakeEngine, changes: Changes, directory: string): Promise<BuiltRelease> {
  const { runtime, dev } = sampleRelease(changes);
  const isUsual = engine.image === sampleImage && changes.platforms === undefined;
  if (!isUsual) return buildRelease(engine, { runtime, dev }, directory);
  return { runtime: { ...usual.runtime, target: runtime }, dev: { ...usual.dev, target: dev } };
}

/** Smoke-tests a release that the engine has built. */
async function test(engine: FakeEngine, changes: Changes = {}, signal?: AbortSignal, seconds?: number) {
  const directory = await temporaryDirectory();
  const release = await releaseOf(engine, changes, directory);
  const scratch = join(directory, "scratch");
  engine.log.length = 0;
  const testing = smoke(release, {
    engine,
    scratch,
    network: "host",
    ...(signal && { signal }),
    ...(seconds && { seconds }),
  });
  return { release, scratch, testing };
}

/** What a release that does not pass is refused with. */
async function refusalOf(
  engine: FakeEngine,
  changes: Changes = {},
): Promise<[target: string, message: string]> {
  const { testing } = await test(engine, changes);
  const error: unknown = await testing.catch((reason: unknown) => reason);
  if (!(error instanceof RejectedError))
    throw new Error("it was not refused by a smoke test", { cause: error });
  return [error.target, error.message];
}

describe("smoke", () => {
  it("runs dev first, with its build, then runtime, and hands on what it tested", async () => {
    const engine = new FakeEngine();
    const { release, testing } = await test(engine, {
      smoke: { version: ["node", "--version"], files: {}, build: ["make"], run: ["./hello"] },
    });
    const tested = await testing;
    expect(tested.release).toBe(release);
    expect(tested.version).toBe("22.16.0");
    expect(engine.log).toEqual([
      "open node-22-dev",
      "open node-22",
      "run node-22-dev: node --version",
      "run node-22-dev: make",
      "run node-22-dev: ./hello",
      "run node-22: node --version",
      "run node-22: ./hello",
      // By somebody else, and where nothing can be written.
      "run node-22: ./hello",
      "remove node-22",
      "remove node-22-dev",
    ]);
    expect(engine.runs.map(({ options: { user, isReadOnly } }) => [user, isReadOnly])).toEqual([
      ...Array(5).fill([undefined, undefined]),
      ["1000:1000", true],
    ]);
  });

  it("runs this machine's platform, and refuses one whose version is behind the other's", async () => {
    const engine = new FakeEngine();
    engine.image = (request) => ({
      ...sampleImage(request),
      packages: { nodejs: request.platform === "linux/arm64" ? "22.15.1-r0" : "22.16.0-r2" },
    });
    const [target, message] = await refusalOf(engine, { platforms: PLATFORMS });
    expect(target).toBe("node:22");
    expect(message).toContain("node:22 has nodejs 22.16.0 for linux/amd64 and 22.15.1 for linux/arm64");
    engine.image = sampleImage;
    const { testing } = await test(engine, { platforms: PLATFORMS });
    await testing;
    expect(new Set(engine.opened.map(({ platform }) => platform))).toEqual(new Set([hostPlatform()]));
  });

  it("runs the very bytes that were built", async () => {
    const engine = new FakeEngine();
    const { release, testing } = await test(engine);
    await testing;
    expect(engine.opened).toEqual(
      [release.dev, release.runtime].map(({ layout, platforms }, index) => ({
        name: ["node-22-dev", "node-22"][index],
        layout,
        manifest: platforms[0]?.manifest,
        platform: hostPlatform(),
      })),
    );
  });

  it("asks for the version only where the program is installed", async () => {
    const engine = new FakeEngine();
    engine.image = (request) =>
      request.name.endsWith("-dev")
        ? sampleImage(request)
        : { ...sampleImage(request), packages: { musl: "1-r0" } };
    const { testing } = await test(engine);
    expect((await testing).version).toBe("22.16.0");
    expect(engine.runs.map(({ image, argv }) => `${image}: ${argv.join(" ")}`)).toEqual([
      "node-22-dev: node --version",
      "node-22-dev: node hello.js",
      "node-22: node hello.js",
      "node-22: node hello.js",
    ]);
  });

  it("asks for no version where the catalog gives no command for it", async () => {
    const engine = new FakeEngine();
    const { testing } = await test(engine, { smoke: { files: {}, run: ["./hello"] } });
    await testing;
    expect(engine.runs.map(({ argv }) => argv)).toEqual(Array(3).fill(["./hello"]));
  });

  it("puts the files where both variants see them, and removes them afterwards", async () => {
    const engine = new FakeEngine();
    const seen: unknown[] = [];
    engine.answer = async ({ image, options: { mounts = [], workdir } }) => {
      const [{ source = "", target = "" } = {}] = mounts;
      seen.push([image, workdir, target, await readFile(join(source, "hello.js"), "utf8")]);
      return "hello, world";
    };
    const { scratch, testing } = await test(engine, {
      smoke: { files: { "hello.js": "console.log({{1}})" }, run: ["node", "hello.js"] },
    });
    await testing;
    expect(seen).toEqual([
      ["node-22-dev", "/smoke", "/smoke", "console.log({{1}})"],
      ...Array(2).fill(["node-22", "/smoke", "/smoke", "console.log({{1}})"]),
    ]);
    expect(engine.runs[0]?.options.mounts).toEqual(engine.runs[1]?.options.mounts);
    expect(await readdir(scratch)).toEqual([]);
  });

  it("lets the image's user read the files, however private our own files are by default", async () => {
    const engine = new FakeEngine();
    const modes: string[] = [];
    engine.answer = async ({ options: { mounts = [] } }) => {
      const source = mounts[0]?.source ?? "";
      for (const path of [source, join(source, "a")])
        modes.push(((await stat(path)).mode & 0o777).toString(8));
      return "hello, world";
    };
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const { testing } = await test(engine, { smoke: { files: { a: "" }, run: ["a"] } });
    await testing;
    expect(modes).toEqual(Array(3).fill(["755", "644"]).flat());
  });

  it("asks once more where a program ended well and printed nothing", async () => {
    const engine = new FakeEngine();
    const asked: string[] = [];
    engine.answer = (run) => {
      const what = `${run.image}: ${run.argv.join(" ")}`;
      if (asked.includes(what)) return sampleAnswer(run);
      asked.push(what);
      return "";
    };
    const { testing } = await test(engine);
    await testing;
    expect(engine.log.filter((line) => line === "run node-22: node --version")).toHaveLength(2);
  });

  it("removes the container and the files of a test that failed", async () => {
    const engine = new FakeEngine();
    engine.answer = () => printed("no such thing", 127);
    const { scratch, testing } = await test(engine);
    await expect(testing).rejects.toThrow(RejectedError);
    expect(engine.log.at(-1)).toBe("remove node-22-dev");
    expect(await readdir(scratch)).toEqual([]);
  });

  it("gives every command a signal that follows the run's", async () => {
    const engine = new FakeEngine();
    const abort = new AbortController();
    engine.answer = ({ options: { signal } }) => {
      abort.abort(new Error("enough"));
      signal?.throwIfAborted();
      return "hello, world";
    };
    const { testing } = await test(engine, {}, abort.signal);
    await expect(testing).rejects.toThrow("enough");
  });

  it.each<[where: string, hangs: string, command: string, changes: Changes]>([
    ["node:22-dev", "node-22-dev", "node -e 'while (true) {}'", {}],
    ["node:22", "node-22", "node -e 'while (true) {}'", {}],
    ["node:22-dev", "node-22-dev", "make all", { smoke: { files: {}, build: ["make", "all"], run: ["x"] } }],
  ])("names %s and the command that does not end", async (where, hangs, command, changes) => {
    const engine = new FakeEngine();
    engine.answer = (run) => {
      const hung = run.image === hangs && commandLine(run.argv) === command;
      return hung ? untilAborted(run.options.signal) : sampleAnswer(run);
    };
    const smokeTest = { files: {}, run: ["node", "-e", "while (true) {}"] };
    const { testing } = await test(engine, { smoke: smokeTest, ...changes }, undefined, 0.05);
    const error: unknown = await testing.catch((reason: unknown) => reason);
    if (!(error instanceof RejectedError))
      throw new Error("it was not refused by a smoke test", { cause: error });
    expect(error.target).toBe(where);
    expect(error.message).toBe(`${where}: \`${command}\` did not end within 0.05 s`);
  });

  it("gives the run's own end as the reason where that ends a command", async () => {
    const engine = new FakeEngine();
    const abort = new AbortController();
    engine.answer = ({ options: { signal } }) => {
      setTimeout(() => abort.abort(new Error("enough")), 10);
      return untilAborted(signal);
    };
    const { testing } = await test(engine, {}, abort.signal, 60);
    await expect(testing).rejects.toThrow("enough");
  });
});

/** As a process does that hangs: ends only when it is told to. */
function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });
}

describe("an image with env alone", () => {
  const tested = (answer: (run: FakeRun) => string | ProcessResult) => {
    const engine = new FakeEngine();
    engine.answer = answer;
    return test(engine, { world: ["coreutils-env", "nodejs~22"] });
  };

  it("starts its program as a script does, and is refused where that fails", async () => {
    await (await tested(sampleAnswer)).testing;
    const lacking = printed("/usr/bin/env: not found\n", 127);
    const { testing } = await tested((run) => (run.argv[0] === "/usr/bin/env" ? lacking : sampleAnswer(run)));
    await expect(testing).rejects.toThrow("ended with exit code 127: /usr/bin/env: not found");
  });
});

describe("an image that anybody can run", () => {
  const nobody = printed("mkdir: /var/lib/app: Read-only file system\n", 1);
  const tested = (changes: Changes, user?: string) => {
    const engine = new FakeEngine();
    if (user !== undefined) engine.image = (request) => ({ ...sampleImage(request), user });
    engine.answer = (run) => (run.options.isReadOnly ? nobody : sampleAnswer(run));
    return { engine, testing: test(engine, changes).then(({ testing }) => testing) };
  };

  it("is refused where it needs more, and told how to say so", async () => {
    await expect(tested({}).testing).rejects.toThrow(
      /^in node:22 the command ended with exit code 1: mkdir: .* file system\n→ it ran as user 1000:1000, with nothing to write to but \/tmp; where it needs more, say smoke\.writes: true in the catalog$/,
    );
  });

  it("runs as the user that was made for it, where one was", async () => {
    const { engine, testing } = tested({ user: { name: "app", uid: 70, gid: 71 } }, "70:71");
    await expect(testing).rejects.toThrow("it ran as user 70:71, with nothing");
    expect(engine.runs.at(-1)?.image).toBe("node-22");
  });

  it("is not asked for where the catalog says that it needs more", async () => {
    const smoke = { files: {}, run: ["node", "hello.js"], writes: true as const };
    for (const world of [["nodejs~22"], ["coreutils-env", "nodejs~22"]]) {
      const { engine, testing } = tested({ smoke, world });
      await testing;
      expect(engine.runs).toHaveLength(world.length * 2);
    }
  });

  it("is run so in dev too, where a script may begin with env", async () => {
    const { engine, testing } = tested({ world: ["coreutils-env", "nodejs~22"] });
    await expect(testing).rejects.toThrow(/^in node:22-dev .*\n→ it ran as user 1000:1000, with nothing/);
    expect(engine.runs.at(-1)?.argv).toEqual(["/usr/bin/env", "node", "hello.js"]);
  });
});

describe("a third variant", () => {
  const tested = async (answer: (run: FakeRun) => string) => {
    const engine = new FakeEngine();
    engine.answer = answer;
    const directory = await temporaryDirectory();
    const release = await buildRelease(engine, { ...sampleRelease(), debug: sampleDebug() }, directory);
    engine.log.length = 0;
    const testing = smoke(release, { engine, scratch: join(directory, "scratch"), network: "host" });
    return { engine, testing };
  };

  it("runs what runtime runs, and has a shell", async () => {
    const { engine, testing } = await tested(sampleAnswer);
    await testing;
    const inDebug = engine.log.filter((line) => line.startsWith("run node-22-debug: "));
    expect(inDebug.map((line) => line.split(": ")[1]?.split(" ")[0])).toEqual(["node", "node", "/bin/sh"]);
    expect(engine.log.filter((line) => line.startsWith("remove"))).toHaveLength(3);
  });

  it("is refused without one, and the pair with it", async () => {
    const { testing } = await tested((run) => (run.argv[0] === "/bin/sh" ? "" : sampleAnswer(run)));
    await expect(testing).rejects.toMatchObject({ name: "RejectedError", target: "node:22-debug" });
  });
});

describe("smoke refuses", () => {
  it("a runtime image with a package manager", async () => {
    const engine = new FakeEngine();
    engine.image = (request) => ({
      ...sampleImage(request),
      files: { "sbin/apk": "apk", "usr/bin/dpkg": "dpkg", "usr/bin/apt-get": { symlink: "/bin/busybox" } },
    });
    expect(await refusalOf(engine)).toEqual([
      "node:22",
      `node:22 (${hostPlatform()}) has a package manager: /sbin/apk, /usr/bin/dpkg; ` +
        "ask for other packages than the one that brings it, or put its path under `remove`",
    ]);
    expect(engine.log).toEqual([]);
  });

  it("an image that lets somebody in by a password, and a runtime image that does so without one", async () => {
    const shadow = "root:*::0:::::\nann:$6$salt$hash:19000:0:99999:7:::\nbob:::0:::::\nnonroot:!::0:::::\n";
    const engine = new FakeEngine();
    engine.image = (request) => ({ ...sampleImage(request), files: { "etc/shadow": shadow } });
    const where = `(${hostPlatform()}) has users who come in with a password, or without`;
    expect(await refusalOf(engine)).toEqual(["node:22", `node:22 ${where}: ann, bob (/etc/shadow)`]);
    engine.image = (request) => ({
      ...sampleImage(request),
      ...(request.name.endsWith("-dev") && { files: { "etc/shadow": shadow } }),
    });
    expect(await refusalOf(engine)).toEqual(["node:22-dev", `node:22-dev ${where}: ann (/etc/shadow)`]);
    engine.image = (request) => ({
      ...sampleImage(request),
      ...(request.name.endsWith("-dev") && { files: { "etc/shadow": "root:::0:::::\n" } }),
    });
    const { testing } = await test(engine);
    await expect(testing).resolves.toBeDefined();
  });

  it.each([
    [
      { "dev/null": { device: true }, "dev/zero": { device: true } },
      "device nodes or pipes: /dev/null, /dev/zero",
    ],
    [{ "bin/su": { mode: 0o4755 } }, "files that run with their owner's rights: /bin/su"],
    [{ "bin/wall": { mode: 0o2755 } }, "files that run with their group's rights: /bin/wall"],
    [
      { "etc/fstab": "", "etc/network/": { directory: true }, "usr/share/apk/": { directory: true } },
      "what no container needs: /etc/fstab, /etc/network, /usr/share/apk",
    ],
    [
      Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`dev/${at}`, { device: true } as const])),
      `device nodes or pipes: ${Array.from({ length: 10 }, (_, at) => `/dev/${at}`).join(", ")}, and 2 more`,
    ],
  ] satisfies [Tree, string][])("a runtime image with %j", async (files, what) => {
    const engine = new FakeEngine();
    engine.image = (request) => ({ ...sampleImage(request), files });
    expect(await refusalOf(engine)).toEqual([
      "node:22",
      `node:22 (${hostPlatform()}) has ${what}; templates/runtime.hbs takes such things out: ` +
        "write the Dockerfiles anew with `npm run -s birdhouse -- render`",
    ]);
    expect(engine.log).toEqual([]);
  });

  it.each([
    [undefined, "0:0"],
    ["", "0:0"],
    ["0:0", "0:0"],
    ["65532", "65532"],
  ])("a runtime image whose user is %j", async (user, named) => {
    const engine = new FakeEngine();
    engine.image = (request) => {
      const { packages, files = {} } = sampleImage(request);
      return { packages, files, ...(user !== undefined && { user }) };
    };
    expect(await refusalOf(engine)).toEqual([
      "node:22",
      `node:22 (${hostPlatform()}) runs as ${named}, not as 65532:65532`,
    ]);
  });

  it("another track than the tag promises", async () => {
    const engine = new FakeEngine();
    engine.image = (request) => ({ ...sampleImage(request), packages: { nodejs: "220.1.0-r0" } });
    expect(await refusalOf(engine)).toEqual([
      "node:22",
      "node:22 has nodejs 220.1.0, which is not a version of 22",
    ]);
  });

  it("variants of different versions", async () => {
    const engine = new FakeEngine();
    engine.image = (request) => ({
      ...sampleImage(request),
      packages: { nodejs: request.name.endsWith("-dev") ? "22.17.0-r0" : "22.16.0-r0" },
    });
    const { testing } = await test(engine);
    await expect(testing).rejects.toThrow("node:22 and its dev variant differ in nodejs: 22.16.0, 22.17.0");
  });

  it("a release whose package is in neither variant", async () => {
    const engine = new FakeEngine();
    engine.image = (request) => ({ ...sampleImage(request), packages: { musl: "1.2.5-r0" } });
    const { testing } = await test(engine);
    await expect(testing).rejects.toThrow(
      "the package nodejs, which gives node:22 its version, is in neither variant",
    );
  });

  it("a program that says that it is another version than the one installed", async () => {
    const engine = new FakeEngine();
    engine.answer = (run) => {
      const isRuntime = run.image === "node-22";
      return isRuntime && run.argv.includes("--version") ? "v22.16.01\n" : sampleAnswer(run);
    };
    expect(await refusalOf(engine)).toEqual([
      "node:22",
      "node:22 has nodejs 22.16.0, but the program says: v22.16.01",
    ]);
  });

  it("a program that cannot say its version", async () => {
    const engine = new FakeEngine();
    engine.answer = () => ({ exitCode: 1, stdout: "v22.16.0", stderr: "died", output: "v22.16.0\ndied\n" });
    expect(await refusalOf(engine)).toEqual([
      "node:22-dev",
      "in node:22-dev the command ended with exit code 1: v22.16.0\ndied",
    ]);
  });

  it("a program that prints nothing, also when asked again", async () => {
    const engine = new FakeEngine();
    engine.answer = (run) => (run.argv.includes("--version") ? "" : sampleAnswer(run));
    expect(await refusalOf(engine)).toEqual([
      "node:22-dev",
      "node:22-dev has nodejs 22.16.0, but the program says: ",
    ]);
  });

  it("a build that fails", async () => {
    const engine = new FakeEngine();
    engine.answer = ({ argv }) => (argv[0] === "make" ? printed("no rule", 2) : "hello, world");
    const changes = { smoke: { files: {}, build: ["make"], run: ["./hello"] } };
    expect(await refusalOf(engine, changes)).toEqual([
      "node:22-dev",
      "in node:22-dev the command ended with exit code 2: no rule",
    ]);
  });

  it("a program that greets otherwise", async () => {
    const engine = new FakeEngine();
    engine.answer = ({ argv }) => (argv.includes("--version") ? "v22.16.0" : "hello, worlds");
    expect(await refusalOf(engine)).toEqual([
      "node:22-dev",
      'node:22-dev should print "hello, world" but printed: hello, worlds',
    ]);
  });

  it("a greeting on standard error", async () => {
    const engine = new FakeEngine();
    engine.answer = ({ argv }) =>
      argv.includes("--version")
        ? "v22.16.0"
        : { exitCode: 0, stdout: "", stderr: "hello, world", output: "hello, world" };
    expect((await refusalOf(engine))[1]).toContain("should print");
  });

  it("a release that was not built for this machine", async () => {
    const engine = new FakeEngine();
    const other = hostPlatform() === "linux/amd64" ? "linux/arm64" : "linux/amd64";
    const { scratch, testing } = await test(engine, { platforms: [other] });
    await expect(testing).rejects.toThrow(
      `node:22-dev was not built for ${hostPlatform()}, on which it is to be tested`,
    );
    await expect(readdir(scratch)).rejects.toThrow("ENOENT");
  });
});
