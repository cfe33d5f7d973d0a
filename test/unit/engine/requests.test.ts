import { describe, expect, it } from "vitest";
import {
  buildOptions,
  buildPlatformArgument,
  outputCompression,
  pushCompression,
  runOptions,
  SharedStages,
} from "../../../scripts/engine/requests.ts";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import { sampleRequest } from "./sample-request.ts";

describe("buildOptions", () => {
  it("name the Dockerfile, the platform and each argument, as words of their own", () => {
    const args = { BASE: "registry.example/alpine", ODD: "a b=$c" };
    expect(buildOptions(sampleRequest({ args }))).toEqual([
      "--file",
      "images/node/22/dev/Dockerfile",
      "--platform",
      "linux/arm64",
      "--build-arg",
      "BASE=registry.example/alpine",
      "--build-arg",
      "ODD=a b=$c",
    ]);
  });

  it("name a secret's variable, and never what it holds", () => {
    expect(buildOptions(sampleRequest({ secrets: { "http-auth": "HTTP_AUTH" } })).slice(-2)).toEqual([
      "--secret",
      "id=http-auth,env=HTTP_AUTH",
    ]);
  });
});

describe("compression", () => {
  const zstd = { compression: { format: "zstd", level: 9 } } as const;
  const gzip = { compression: { format: "gzip" } } as const;

  it("is left to the engine where nothing is said", () => {
    expect(pushCompression({})).toEqual([]);
    expect(outputCompression({})).toBe("");
  });

  it("is told to buildah and podman as they push, and to buildx with its output", () => {
    expect(pushCompression(zstd)).toEqual(["--compression-format", "zstd", "--compression-level", "9"]);
    expect(pushCompression(gzip)).toEqual(["--compression-format", "gzip"]);
    expect(outputCompression(zstd)).toBe(",compression=zstd,compression-level=9,force-compression=true");
    expect(outputCompression(gzip)).toBe(",compression=gzip,force-compression=true");
  });
});

describe("buildPlatformArgument", () => {
  it("is this machine's platform, whatever is built for", () => {
    expect(buildPlatformArgument()).toEqual(["--build-arg", `BUILDPLATFORM=${hostPlatform()}`]);
  });
});

describe("runOptions", () => {
  it("are none where all is as the image says", () => {
    expect(runOptions({}, "--workdir")).toEqual([]);
  });

  it.each(["--workdir", "--workingdir"] as const)("give all there is, with %s", (flag) => {
    const options = {
      env: { A: "1", EMPTY: "" },
      workdir: "/smoke",
      user: "65532:65532",
      mounts: [
        { source: "/here", target: "/smoke" },
        { source: "/there", target: "/data" },
      ],
      isReadOnly: true,
    };
    expect(runOptions(options, flag)).toEqual([
      ...["--env", "A=1", "--env", "EMPTY="],
      ...[flag, "/smoke"],
      ...["--user", "65532:65532"],
      ...["--volume", "/here:/smoke", "--volume", "/there:/data"],
      ...["--mount", "type=tmpfs,destination=/tmp"],
    ]);
  });
});

/** Builds of stages that end when they are told to. */
function builds() {
  const started: string[] = [];
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const build = ({ stage }: { readonly stage: string }) => {
    started.push(stage);
    return ended;
  };
  return { started, build, end };
}

describe("SharedStages", () => {
  it("builds a stage once for two builds at a time, and both wait for it", async () => {
    const stages = new SharedStages();
    const { started, build, end } = builds();
    const ended: string[] = [];
    const both = Promise.all([
      stages.build(sampleRequest({ name: "a" }), build).then(() => ended.push("a")),
      stages.build(sampleRequest({ name: "b" }), build).then(() => ended.push("b")),
    ]);
    await Promise.resolve();
    expect([started, ended]).toEqual([["tools"], []]);
    end();
    await both;
    expect([started, ended]).toEqual([["tools"], ["a", "b"]]);
  });

  it("builds a stage no second time after it has ended", async () => {
    const stages = new SharedStages();
    const { started, build, end } = builds();
    end();
    await stages.build(sampleRequest(), build);
    await stages.build(sampleRequest(), build);
    expect(started).toEqual(["tools"]);
  });

  it.each([
    ["stage", { shared: { stage: "other", key: "3.22", time: 0 } }],
    ["branch", { shared: { stage: "tools", key: "3.24", time: 0 } }],
    ["platform", { platform: "linux/amd64" as const }],
  ])("builds apart what differs in its %s", async (_, changes) => {
    const stages = new SharedStages();
    const { started, build, end } = builds();
    end();
    await stages.build(sampleRequest(), build);
    await stages.build(sampleRequest(changes), build);
    expect(started).toHaveLength(2);
  });

  it("builds nothing for a target that shares nothing", async () => {
    const { shared: _, ...request } = sampleRequest();
    const { started, build } = builds();
    await new SharedStages().build(request, build);
    expect(started).toEqual([]);
  });

  it("fails for those that wait for a build that fails, and builds the stage anew for whoever asks next", async () => {
    const stages = new SharedStages();
    const { started, build } = builds();
    const failing = (shared: { readonly stage: string }) => {
      build(shared);
      return Promise.reject(new Error("503"));
    };
    const results = await Promise.allSettled([
      stages.build(sampleRequest({ name: "a" }), failing),
      stages.build(sampleRequest({ name: "b" }), failing),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(started).toEqual(["tools"]);
    const succeeding = ({ stage }: { readonly stage: string }) => Promise.resolve(started.push(stage));
    await stages.build(sampleRequest({ name: "a" }), succeeding);
    await stages.build(sampleRequest({ name: "b" }), succeeding);
    expect(started).toEqual(["tools", "tools"]);
  });

  it("forgets no new build of a stage for the failure of an old one", async () => {
    const stages = new SharedStages();
    const started: string[] = [];
    let fail = (_: Error) => {};
    const old = new Promise((_, reject) => {
      fail = reject;
    });
    const begin = (name: string, result: Promise<unknown>) =>
      stages.build(sampleRequest(), () => {
        started.push(name);
        return result;
      });
    // Both wait for the old one. The first to hear of its failure begins anew, before the second one hears.
    const first = begin("old", old).catch(() => begin("new", Promise.resolve()));
    const second = begin("never", old).catch(() => begin("never", Promise.resolve()));
    fail(new Error("503"));
    await Promise.all([first, second]);
    await begin("never", Promise.resolve());
    expect(started).toEqual(["old", "new"]);
  });
});
