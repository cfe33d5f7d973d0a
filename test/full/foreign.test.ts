import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binfmtHandlers, isEmulated } from "../../scripts/engine/runnable.ts";
import { parseInstalled } from "../../scripts/formats/alpine/installed.ts";
import { OciLayout } from "../../scripts/formats/oci/layout.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { FOREIGN_ROOTFS, noFixtures } from "../support/alpine-fixtures.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { unpackDebian } from "../support/unpack-debian.ts";
import { World } from "../support/world.ts";

const CATALOG = smallCatalog(["lua"])
  .replace(/^platforms: .*$/m, "platforms: [linux/amd64, linux/arm64]")
  .replace('"5.4": { branch: "3.22" }', '"5.4": { branch: "3.24" }');

const skipped = noFixtures ?? (process.arch === "x64" ? undefined : "it is arm64 that is foreign here");

/**
 * An arm64 image that was assembled on amd64. Alpine's own apk of that architecture reads it, and its program runs, by
 * an emulator that is only unpacked and called by hand: the kernel knows of none while images are built.
 */
describe.skipIf(skipped !== undefined)(
  `an arm64 image${skipped === undefined ? "" : ` (${skipped})`}`,
  () => {
    let world: World;
    let emulator: string;
    let alpine: string;
    let image: string;

    beforeAll(async () => {
      world = await World.open(CATALOG);
      await world.startRegistry();
      emulator = join(await unpackDebian("bookworm", "qemu-user-static"), "usr/bin/qemu-aarch64-static");
      alpine = world.path("alpine");
      await mkdir(alpine);
      await run(["tar", "-xzf", FOREIGN_ROOTFS, "-C", alpine]);
    });
    afterAll(() => world.close());

    /** Alpine's own apk, on the image. */
    const apk = (...args: string[]) =>
      tryRun([emulator, "-L", alpine, join(alpine, "sbin/apk"), "--root", image, ...args]);

    it("is due once the catalog wants it, beside an image that is there for amd64", async () => {
      await world.writeCatalog(CATALOG.replace(", linux/arm64", ""));
      const { exitCode, stderr } = await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah");
      expect(exitCode, stderr).toBe(0);
      await world.writeCatalog(CATALOG);
      const { document } = await world.json("plan", "lua:5.4");
      expect(document.plan[0]?.reasons).toMatchObject([{ text: "inputs: platforms +linux/arm64" }]);
    });

    it("is assembled with no emulator registered, and pulled by its platform", async () => {
      expect(isEmulated("linux/arm64", await binfmtHandlers())).toBe(false);
      const { exitCode, stderr } = await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah");
      expect(exitCode, stderr).toBe(0);
      image = world.path("image");
      await mkdir(image);
      await unpackImage(world, image);
    });

    it("has a database of installed packages that Alpine's apk reads, and files as it says", async () => {
      const database = await readFile(join(image, "lib/apk/db/installed"), "utf8");
      const installed = parseInstalled(database);
      expect(new Set(installed.map(({ architecture }) => architecture))).toEqual(new Set(["aarch64"]));
      // What a package manager keeps beside the database, and the image has no need of.
      await mkdir(join(image, "etc/apk"), { recursive: true });
      for (const file of [
        "etc/apk/world",
        "lib/apk/db/triggers",
        "lib/apk/db/scripts.tar",
        "lib/apk/db/lock",
      ]) {
        await writeFile(join(image, file), "");
      }
      const listed = await apk("info", "-v");
      expect([listed.exitCode, listed.stderr]).toEqual([0, ""]);
      expect(listed.stdout.trim().split("\n")).toEqual(
        installed.map(({ name, version }) => `${name}-${version}`),
      );
      const audited = await apk("audit", "--system");
      // Of what no container needs, and so is taken out, apk takes this alone for no configuration.
      expect([audited.exitCode, audited.output]).toEqual([0, "X etc/issue\n"]);
      expect((await apk("info", "--who-owns", "/usr/bin/lua5.4")).stdout).toContain("is owned by lua5.4-5.4");
    });

    it("runs, on a machine of its kind", async () => {
      await copyFile(emulator, join(image, "emulator"));
      const hello = ["/usr/bin/lua", "-e", "print('hello, world')"];
      expect((await run(["chroot", image, "/emulator", ...hello])).stdout).toBe("hello, world\n");
    });
  },
);

/** What a consumer with an arm64 machine pulls, as a root filesystem. */
async function unpackImage(world: World, directory: string): Promise<void> {
  const layout = world.path("pulled");
  const copy = ["skopeo", "--override-arch", "arm64", "copy", "--src-tls-verify=false"];
  await run([...copy, `docker://${world.namespace}/lua:5.4`, `oci:${layout}`]);
  const opened = await OciLayout.open(layout);
  const { layers, config } = await opened.readManifest(await opened.root());
  expect(JSON.parse(await readFile(opened.blobPath(config.digest), "utf8"))).toMatchObject({
    architecture: "arm64",
  });
  for (const { digest } of layers) await run(["tar", "-xzf", opened.blobPath(digest), "-C", directory]);
}
