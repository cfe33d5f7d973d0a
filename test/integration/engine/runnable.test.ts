import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { parseOwnPlatforms, parsePlatforms } from "../../../scripts/engine/buildx.ts";
import {
  binfmtHandlers,
  isEmulated,
  runnablePlatforms,
  runnableState,
} from "../../../scripts/engine/runnable.ts";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

/** Only these programs on the PATH. */
async function onlyPrograms(scripts: Record<string, string>): Promise<void> {
  const directory = await temporaryDirectory();
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(directory, name), 0o755);
  }
  vi.stubEnv("PATH", directory);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const NODES = `Name:          pair
Driver:        docker-container

Nodes:
Name:      pair0
Status:    running
Platforms: linux/amd64*, linux/amd64/v2, linux/386

Name:      pair1
Status:    running
Platforms: linux/arm64, linux/arm/v7
`;

/** A buildx whose builder tells its platforms once it has been started. */
const SLOW_BUILDX = `case "$*" in
"buildx inspect --bootstrap pair") echo '${NODES}' ;;
"buildx inspect pair") echo "Name: pair" ;;
*) exit 1 ;;
esac`;

describe("parsePlatforms", () => {
  it("finds ours among those of all nodes", () => {
    expect(parsePlatforms(NODES)).toEqual(["linux/amd64", "linux/arm64"]);
    expect(parsePlatforms("Name: cluster\nStatus: inactive\n")).toEqual([]);
  });
});

describe("parseOwnPlatforms", () => {
  it.each([
    ["linux/amd64, linux/amd64/v2, linux/arm64", ["linux/amd64"]],
    ["linux/arm64, linux/amd64", ["linux/arm64"]],
    ["linux/amd64, linux/arm64*", ["linux/arm64"]],
    ["linux/amd64*, linux/arm64*", ["linux/amd64", "linux/arm64"]],
    // Neither of ours is at home there, nor declared.
    ["linux/riscv64, linux/amd64", []],
    ["linux/riscv64*, linux/amd64", []],
    ["", []],
  ])("of a node with %s are %j", (platforms, own) => {
    expect(parseOwnPlatforms(`Name: x\nPlatforms: ${platforms}\n`)).toEqual(own);
  });
});

describe("runnablePlatforms", () => {
  it("are those of the builder's nodes, which is started where it cannot tell", async () => {
    await onlyPrograms({ docker: SLOW_BUILDX });
    const found = await runnablePlatforms({ choice: "auto", builder: "pair", installs: false });
    expect(found).toMatchObject({ platforms: ["linux/amd64", "linux/arm64"], by: "the builder pair" });
    expect(found?.advice("linux/arm64")).toContain("tonistiigi/binfmt --install arm64) or name a builder");
  });

  it("are not known where the builder does not answer, or there is no engine", async () => {
    await onlyPrograms({ docker: SLOW_BUILDX });
    expect(await runnablePlatforms({ choice: "docker", builder: "other", installs: false })).toBeUndefined();
    expect(await runnablePlatforms({ choice: "docker", installs: false })).toBeUndefined();
    expect(await runnablePlatforms({ choice: "auto", installs: false })).toBeUndefined();
  });

  it("of buildah and podman have this machine's own", async () => {
    await onlyPrograms({ podman: "exit 0" });
    for (const choice of ["auto", "podman"] as const) {
      const found = await runnablePlatforms({ choice, installs: false });
      expect(found?.platforms).toContain(hostPlatform());
      expect(found?.advice("linux/arm64")).toContain("install an emulator");
    }
    expect(await runnablePlatforms({ choice: "buildah", installs: false })).toBeUndefined();
    expect((await runnablePlatforms({ choice: "auto", installs: true }))?.platforms).toContain(
      hostPlatform(),
    );
  });
});

describe("runnableState", () => {
  it("is another when a builder has got a node, and else the same", async () => {
    const config = await temporaryDirectory();
    vi.stubEnv("BUILDX_CONFIG", config);
    onTestFinished(() => void vi.unstubAllEnvs());
    const before = await runnableState();
    expect(await runnableState()).toBe(before);
    await mkdir(join(config, "instances"));
    await writeFile(join(config, "instances/pair"), '{"Nodes":[]}');
    const after = await runnableState();
    expect(after).not.toBe(before);
    await writeFile(join(config, "instances/pair"), '{"Nodes":[{}]}');
    expect(await runnableState()).not.toBe(after);
  });
});

/** As Debian's qemu-user-static registers it. */
function handler({ state = "enabled", flags = "POCF", machine = "b700" } = {}): string {
  return `${state}
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: ${flags}
offset 0
magic 7f454c460201010000000000000000000200${machine}
mask ffffffffffffff00fffffffffffffffffeffffff
`;
}

describe("isEmulated", () => {
  it("is so where a handler for the platform's programs is enabled, and its emulator is held open", () => {
    expect(isEmulated("linux/arm64", [handler()])).toBe(true);
    expect(isEmulated("linux/amd64", [handler({ machine: "3e00" })])).toBe(true);
  });

  it.each([
    ["it is for another machine", { machine: "f300" }],
    ["it is switched off", { state: "disabled" }],
    ["its emulator would be looked for in the container", { flags: "POC" }],
  ])("is not so where %s", (_, changes) => {
    expect(isEmulated("linux/arm64", [handler(changes)])).toBe(false);
  });

  it("is not so of handlers for scripts, and where there is none", () => {
    expect(
      isEmulated("linux/arm64", ["enabled\ninterpreter /usr/bin/python3\nflags: F\nextension .py\n"]),
    ).toBe(false);
    expect(isEmulated("linux/arm64", [])).toBe(false);
  });
});

describe("binfmtHandlers", () => {
  it("are the texts of all files there; of a directory that is not there, none", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "status"), "enabled\n");
    await writeFile(join(directory, "qemu-aarch64"), handler());
    expect(await binfmtHandlers(directory)).toEqual([handler(), "enabled\n"]);
    expect(await binfmtHandlers(join(directory, "nothing"))).toEqual([]);
  });
});
