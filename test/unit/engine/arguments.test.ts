import { describe, expect, it } from "vitest";
import { buildOptions, buildPlatformArgument, runOptions } from "../../../scripts/engine/arguments.ts";
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
    };
    expect(runOptions(options, flag)).toEqual([
      ...["--env", "A=1", "--env", "EMPTY="],
      ...[flag, "/smoke"],
      ...["--user", "65532:65532"],
      ...["--volume", "/here:/smoke", "--volume", "/there:/data"],
    ]);
  });
});
