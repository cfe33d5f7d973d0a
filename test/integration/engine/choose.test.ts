import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { idsIn, installHint, openEngine, requireUserIds } from "../../../scripts/engine/choose.ts";
import type { LocalImage } from "../../../scripts/engine/engine.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

/**
 * Puts programs of these scripts first on the PATH, and a docker that answers for no daemon unless told
 * otherwise. They stand for engines; nothing of the machine's own is run.
 */
async function programs(scripts: Record<string, string>): Promise<string> {
  const directory = await temporaryDirectory();
  const noDaemon = "echo 'Cannot connect to the Docker daemon' >&2; echo 'at all' >&2; exit 1";
  for (const [name, script] of Object.entries({ docker: noDaemon, ...scripts })) {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(directory, name), 0o755);
  }
  vi.stubEnv("PATH", `${directory}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return directory;
}

const BUILDAH = { buildah: "echo 'buildah version 1.28.2 (image-spec 1.0.2-dev, runtime-spec 1.0.2-dev)'" };

/** A docker that answers, with images in a store of this kind. */
function docker(driver: string): Record<string, string> {
  const info = JSON.stringify({ ServerVersion: "26.1.5", DriverStatus: [["driver-type", driver]] });
  return { docker: `case "$1" in info) echo '${info}' ;; esac` };
}

/** What an engine's absence is told with. */
async function refusalOf(opening: Promise<unknown>): Promise<UserError> {
  const error: unknown = await opening.catch((reason: unknown) => reason);
  if (error instanceof UserError) return error;
  throw new Error("it was not refused", { cause: error });
}

describe("openEngine", () => {
  it("takes docker before buildah where both work", async () => {
    await programs({ ...docker("io.containerd.snapshotter.v1"), ...BUILDAH });
    const engine = await openEngine("auto", await temporaryDirectory());
    expect([engine.name, engine.title]).toEqual(["docker", "docker 26.1.5"]);
  });

  it("takes buildah where docker's daemon does not answer", async () => {
    await programs(BUILDAH);
    const directory = join(await temporaryDirectory(), "engine");
    const engine = await openEngine("auto", directory);
    expect([engine.name, engine.title]).toEqual(["buildah", "buildah 1.28.2"]);
    expect(await readdir(directory)).toEqual([expect.stringMatching(new RegExp(`^${process.pid}-`))]);
    await engine.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it("builds with a named builder, and runs with buildah, where no daemon answers", async () => {
    const known = "[ $2 = inspect ] && [ $3 != cluster ] && { echo no builder found; exit 1; }; exit 0";
    await programs({ ...BUILDAH, docker: `[ "$1" = buildx ] || exit 1; ${known}` });
    const directory = await temporaryDirectory();
    const engine = await openEngine("auto", directory, { builder: "cluster" });
    const title = "buildx's builder cluster, and buildah 1.28.2 to run";
    expect([engine.name, engine.title]).toEqual(["docker", title]);
    await engine.close();
    expect(await readdir(directory)).toEqual([]);
    const error = await refusalOf(openEngine("docker", directory, { builder: "other" }));
    expect(error.message).toContain("docker buildx has no builder other: no builder found");
  });

  it("needs nothing to run images with, where a named builder builds and they are run elsewhere", async () => {
    await programs({ docker: '[ "$1" = buildx ] || exit 1', buildah: "exit 127" });
    const engine = await openEngine("docker", await temporaryDirectory(), {
      builder: "cluster",
      runs: false,
    });
    expect([engine.name, engine.title]).toEqual(["docker", "buildx's builder cluster"]);
    const image = { name: "a", layout: "a", platform: "linux/amd64" } as LocalImage;
    await expect(engine.open(image)).rejects.toThrow("opened to build only");
    await engine.close();
  });

  it("takes no other engine than the one that was asked for, and says what is wrong with that", async () => {
    await programs(BUILDAH);
    const error = await refusalOf(openEngine("docker", await temporaryDirectory()));
    expect(error.message).toBe(
      "there is no engine to build with\n  docker: Cannot connect to the Docker daemon",
    );
    expect(error.hint).toBe(installHint(process.platform));
  });

  it("says what is wrong with each engine when none works", async () => {
    const [buildah, podman] = ["buildah", "podman"].map((name) => `echo 'no ${name}' >&2; exit 1`);
    await programs({ ...docker("overlay2"), buildah: buildah ?? "", podman: podman ?? "" });
    const error = await refusalOf(openEngine("auto", await temporaryDirectory()));
    expect(error.message.split("\n")).toEqual([
      "there is no engine to build with",
      expect.stringMatching(
        /^ {2}docker: docker keeps its images in its classic store.*; turn on the containerd/,
      ),
      "  buildah: no buildah",
      "  podman: no podman",
    ]);
  });
});

it("buildah's store is one of the run's own, removed when it closes, and nobody else's is touched", async () => {
  await programs(BUILDAH);
  const directory = await temporaryDirectory();
  for (const other of ["4194305-abcdef", "v8"])
    await mkdir(join(directory, other, "root"), { recursive: true });
  const engine = await openEngine("buildah", directory);
  expect((await readdir(directory)).filter((name) => name.startsWith(`${process.pid}-`))).toHaveLength(1);
  await engine.close();
  expect(await readdir(directory)).toEqual(["4194305-abcdef", "v8"]);
});

describe("installHint", () => {
  it("names what this kind of system has", () => {
    expect(installHint("linux")).toContain("apt-get install buildah");
    expect(installHint("darwin")).toContain("Docker Desktop");
    expect(installHint("win32")).toBe(installHint("darwin"));
  });
});

const answering =
  (exitCode: number, stdout: string, stderr = "") =>
  async () => ({
    ...{ exitCode, stdout, stderr },
    output: `${stdout}${stderr}`,
  });
const never = () => Promise.reject(new Error("it was asked"));

/** As buildah 1.28 has it for a user with a range in /etc/subuid. */
const ENOUGH = "         0       1000          1\n         1     100000      65536\n";

describe("a plain user", () => {
  it("may build with user ids of their own, and root without asking", async () => {
    await requireUserIds("buildah", 1000, answering(0, ENOUGH));
    await requireUserIds("buildah", 0, never);
  });

  it.each([
    [answering(0, "         0       1000          1\n"), "it has 1 of the 65536 user ids that images need"],
    [
      answering(1, "", "warning\nError: cannot clone: Operation not permitted\n"),
      "Error: cannot clone: Operation not permitted",
    ],
  ])("is told in one line why not, and what to do", async (run, why) => {
    await expect(requireUserIds("podman", 1000, run)).rejects.toMatchObject({
      message: `user 1000 cannot build with podman: ${why}`,
      hint: expect.stringContaining("usermod --add-subuids"),
    });
  });

  it("has as many ids as the lines of a map say together", () => {
    expect(idsIn(ENOUGH)).toBe(65_537);
    expect(idsIn("")).toBe(0);
  });
});
