import { mkdir, readdir, writeFile } from "node:fs/promises";
import { arch, release, type as systemType } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { about, diskCheck, engineCheck, roomFinding } from "../../../scripts/doctor/machine.ts";
import type { BuildRequest, Engine } from "../../../scripts/engine/engine.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { VERSION } from "../../../scripts/system/environment.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { formatBytes } from "../../../scripts/system/shown/format.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";
import { found } from "./found.ts";

describe("engineCheck", () => {
  /** An engine that builds nothing itself, and what it was asked to do. */
  function engineThat(build: (request: BuildRequest) => Promise<void>, name: Engine["name"] = "buildah") {
    const asked: string[] = [];
    const engine: Engine = {
      name,
      title: `${name} 1.0`,
      build: (request) => {
        asked.push(request.layout);
        return build(request);
      },
      open: () => Promise.reject(new Error("nothing is run")),
      close: async () => void asked.push("closed"),
    };
    return { asked, check: engineCheck("auto", undefined, async () => engine) };
  }
  const withImages = (count: number) => async (request: BuildRequest) => {
    const layout = await OciLayout.create(request.layout);
    const one = await layout.putJson({}, "application/json");
    await layout.writeIndex(Array.from({ length: count }, () => one));
  };

  it("is fine where one image comes of it, and leaves nothing behind", async () => {
    const { asked, check } = engineThat(withImages(1));
    expect(await found(check)).toEqual({ status: "ok", found: "buildah 1.0, and it builds" });
    expect(asked.at(-1)).toBe("closed");
    await expect(readdir(dirname(asked[0] ?? "."))).rejects.toThrow("ENOENT");
  });

  it.each([
    ["docker", "buildah"],
    ["buildah", "docker"],
    ["podman", "docker"],
  ] as const)("tells of %s that cannot build, names another, and closes it", async (name, other) => {
    const { asked, check } = engineThat(() => Promise.reject(new Error("no space")), name);
    expect(await found(check)).toEqual({
      status: "fail",
      found: `${name} 1.0 cannot build: no space`,
      advice: `repeat the command by hand, or try the other engine with --engine ${other}`,
    });
    expect(asked.at(-1)).toBe("closed");
  });

  it.each([0, 2])("tells of %i images where one was asked for", async (count) => {
    expect(await found(engineThat(withImages(count)).check)).toMatchObject({
      status: "fail",
      found: `buildah 1.0 cannot build: it made ${count} images, expected one`,
    });
  });

  it("tells of no engine with what to install", async () => {
    const check = engineCheck("auto", undefined, async () => {
      throw new UserError("no engine", "install buildah");
    });
    expect(await found(check)).toEqual({ status: "fail", found: "no engine", advice: "install buildah" });
  });
});

describe("about", () => {
  it("says which Birdhouse, Node and machine this is, and knows no commit outside of a clone", async () => {
    const { birdhouse, node, system, machine } = await about(await temporaryDirectory());
    expect(birdhouse).toBe(VERSION);
    expect(node).toBe(process.version);
    expect(system).toContain(`${systemType()} ${release()}`);
    expect(machine).toMatch(new RegExp(`^${arch()}, \\d+ processors, .*B of memory$`));
  });
});

describe("diskCheck", () => {
  it("finds room where the folder has yet to be made, and makes nothing", async () => {
    const folder = await temporaryDirectory();
    const finding = await found(diskCheck(join(folder, "a/b/state")));
    expect(finding.found).toContain(`free at ${folder}/a/b/state`);
    expect(finding.status).not.toBe("fail");
    await mkdir(join(folder, "state"));
    expect((await found(diskCheck(join(folder, "state")))).status).not.toBe("fail");
    expect(await readdir(folder, { recursive: true })).toEqual(["state"]);
  });

  it.each(["file", "file/state", "file/a/b"])("tells of a file in the way: %s", async (name) => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, "file"), "");
    expect(await found(diskCheck(join(folder, name)))).toMatchObject({
      status: "fail",
      found: expect.stringContaining(`${folder}/${name} cannot be written`),
    });
  });
});

describe("roomFinding", () => {
  const advice =
    "make room: npm run -s birdhouse -- clean removes old layouts, and a smaller clean.disk in the catalog more of them";

  it.each([
    [5e9, "ok", undefined],
    [4.999e9, "warn", advice],
    [1e9, "warn", advice],
    [0.9e9, "fail", advice],
  ] as const)("of %d free bytes: %s", (free, status, told) => {
    expect(roomFinding("/state", free)).toEqual({
      status,
      found: `${formatBytes(free)} free at /state`,
      ...(told !== undefined && { advice: told }),
    });
  });
});
