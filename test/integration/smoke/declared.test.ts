import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Check } from "../../../scripts/model/target.ts";
import { smoke } from "../../../scripts/smoke/smoke.ts";
import { buildRelease, FakeEngine, type FakeRun, printed, sampleAnswer } from "../../support/fake-engine.ts";
import { sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const CHECK: Check = {
  name: "time",
  variants: ["runtime", "dev"],
  env: {},
  files: {},
  run: ["node", "time.js"],
  expected: { prints: "hello, world" },
  tls: false,
};

/** Smoke-tests a release with these checks. */
async function test(engine: FakeEngine, ...checks: readonly Partial<Check>[]) {
  const directory = await temporaryDirectory();
  const sample = sampleRelease({ checks: checks.map((changes) => ({ ...CHECK, ...changes })) });
  const release = await buildRelease(engine, sample, directory);
  engine.log.length = 0;
  return smoke(release, { engine, scratch: join(directory, "scratch"), network: "host" });
}

/** An engine whose one program answers so, and whose others are as they should be. */
function answering(answer: (run: FakeRun) => ReturnType<FakeEngine["answer"]>): FakeEngine {
  const engine = new FakeEngine();
  engine.answer = (run) => (run.argv[1] === "time.js" ? answer(run) : sampleAnswer(run));
  return engine;
}

const runsOf = (engine: FakeEngine) => engine.runs.filter(({ argv }) => argv[1] === "time.js");

describe("declared checks", () => {
  it("run behind the smoke test's programs, dev first, with their own environment, user and files", async () => {
    const seen: string[] = [];
    const engine = answering(async ({ options }) => {
      seen.push(await readFile(join(options.mounts?.[0]?.source ?? "", "a.txt"), "utf8"));
      return "01:00\n";
    });
    await test(engine, {
      env: { TZ: "Europe/Berlin" },
      user: "1000",
      files: { "a.txt": "content" },
      build: ["make", "time"],
      expected: { prints: "01:00" },
    });
    expect(engine.log.slice(-5)).toEqual([
      "run node-22-dev: make time",
      "run node-22-dev: node time.js",
      "run node-22: node time.js",
      "remove node-22",
      "remove node-22-dev",
    ]);
    expect(runsOf(engine).map(({ options }) => [options.env, options.user, options.workdir])).toEqual(
      Array(2).fill([{ TZ: "Europe/Berlin" }, "1000", "/smoke"]),
    );
    expect(seen).toEqual(["content", "content"]);
  });

  it("run in the one variant that they name", async () => {
    const engine = new FakeEngine();
    await test(engine, { variants: ["runtime"] });
    expect(runsOf(engine).map(({ image }) => image)).toEqual(["node-22"]);
  });

  it("are told by their names where they print something else, in whichever variant", async () => {
    const engine = answering(({ image }) => (image === "node-22" ? "00:00" : "01:00"));
    await expect(test(engine, { expected: { prints: "01:00" } })).rejects.toMatchObject({
      target: "node:22",
      message: 'check time: node:22 should print "01:00" but printed: 00:00',
    });
  });

  it("must fail with the words that they say", async () => {
    const refused = { expected: { fails: "Permission denied" } };
    await test(
      answering(() => printed("/etc/x: Permission denied", 1)),
      refused,
    );
    await expect(
      test(
        answering(() => "done"),
        refused,
      ),
    ).rejects.toThrow(
      'node:22-dev should fail and say "Permission denied", but ended well and printed: done',
    );
    await expect(
      test(
        answering(() => printed("no such file", 127)),
        refused,
      ),
    ).rejects.toThrow("but ended with exit code 127 and printed: no such file");
  });

  it("fail where what they run in dev first does", async () => {
    const engine = new FakeEngine();
    engine.answer = (run) => (run.argv[0] === "make" ? printed("no rule", 2) : sampleAnswer(run));
    await expect(test(engine, { build: ["make"] })).rejects.toThrow(
      "check time: in node:22-dev `make` ended with exit code 2: no rule",
    );
  });
});

describe("a check of TLS", () => {
  const TLS = { name: "tls", tls: true };

  /** What a program gets that trusts whom the bundle says: an authority that is mounted over it, or nobody. */
  async function fetching({ options: { env, mounts = [] } }: FakeRun) {
    const bundle = mounts.find(({ target }) => target === "/etc/ssl/certs/ca-certificates.crt");
    try {
      return await get(env?.URL ?? "", bundle ? await readFile(bundle.source, "utf8") : undefined);
    } catch (error) {
      return printed(String(error), 1);
    }
  }

  it("asks a real server, with its authority over the bundle and in runtime without", async () => {
    const engine = answering(fetching);
    await test(engine, TLS);
    expect(runsOf(engine).map(({ image, options }) => [image, options.mounts?.length])).toEqual([
      ["node-22-dev", 2],
      ["node-22", 2],
      ["node-22", 1],
    ]);
    expect(new Set(runsOf(engine).map(({ options }) => options.network))).toEqual(new Set(["host"]));
  });

  it("fails where the program does not look at the bundle", async () => {
    const engine = answering(() => printed("unable to verify the first certificate", 1));
    await expect(test(engine, TLS)).rejects.toThrow(
      "check tls: in node:22-dev the command ended with exit code 1",
    );
  });

  it("fails where the program trusts everybody", async () => {
    await expect(
      test(
        answering(() => "hello, world"),
        TLS,
      ),
    ).rejects.toThrow(
      "check tls: node:22 should refuse a server that none of its certificates vouches for, but took its answer",
    );
  });
});

/** What a server says, if this authority, or one that Node.js knows, vouches for it. */
function get(url: string, authority: string | undefined): Promise<string> {
  return new Promise((done, fail) => {
    const options = authority === undefined ? {} : { ca: authority };
    const asking = request(url, options, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => done(text));
    });
    asking.on("error", fail);
    asking.end();
  });
}
