import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Pinned, withPinned } from "../../../scripts/app/build-inputs.ts";
import { build } from "../../../scripts/build/build.ts";
import { smoke } from "../../../scripts/smoke/smoke.ts";
import { FakeEngine, fakeBuildContext } from "../../support/fake-engine.ts";
import { sampleJob, sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

/** A release with an example, and what is rendered of it. */
async function open() {
  const folder = await temporaryDirectory();
  const directory = join(folder, "examples/node");
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "app.js"), "as it was");
  const example = { directory, test: ["npm", "test"], run: ["node", "."], output: "hello, world" };
  const { runtime, dev } = sampleRelease({ example });
  const dockerfiles = new Map([
    ["node/22/Dockerfile", "FROM scratch\n"],
    ["node/22/dev/Dockerfile", "FROM dev\n"],
    ["lua/5.4/Dockerfile", "FROM other\n"],
  ]);
  const scratch = join(folder, "scratch");
  const pin = <T>(use: (pinned: Pinned) => Promise<T>) =>
    withPinned([runtime, dev], dockerfiles, scratch, use);
  return { folder, directory, scratch, runtime, dev, pin };
}

describe("what a run builds and tests from", () => {
  it("is the text that was compared, and the example as it was, whatever is edited meanwhile", async () => {
    const { folder, directory, scratch, runtime, dev, pin } = await open();
    const engine = new FakeEngine();
    const built: string[] = [];
    const tested: string[] = [];
    engine.image = async ({ name, dockerfile }) => {
      await mkdir(join(folder, "images/node/22/dev"), { recursive: true });
      await writeFile(join(folder, "images/node/22/Dockerfile"), "FROM edited\n");
      await writeFile(join(directory, "app.js"), "edited");
      built.push(await readFile(dockerfile, "utf8"));
      const packages = { nodejs: "22.16.0-r2" };
      return name.endsWith("-dev") ? { packages } : { packages, user: "65532:65532" };
    };
    engine.answer = async ({ argv, options }) => {
      const app = options.mounts?.map(({ source }) => join(source, "app.js"))[0] ?? "";
      if (options.workdir === "/usr/src/app") tested.push(await readFile(app, "utf8"));
      return argv.includes("--version") ? "v22.16.0\n" : "hello, world\n";
    };
    await pin(async ({ images, examples }) => {
      const context = { ...fakeBuildContext(engine, folder), images };
      const release = {
        runtime: await build(sampleJob(runtime), context),
        dev: await build(sampleJob(dev), context),
      };
      await smoke(release, { engine, scratch, network: "host", examples });
    });
    expect(built).toEqual(["FROM scratch\n", "FROM dev\n"]);
    expect(tested).toEqual(["as it was", "as it was"]);
    expect(await readdir(scratch)).toEqual([]);
  });

  it("is only what it needs, with links as they are", async () => {
    const { directory, pin } = await open();
    await symlink("app.js", join(directory, "link.js"));
    await pin(async ({ images, examples }) => {
      expect((await readdir(images, { recursive: true })).sort()).toEqual([
        ...["node", "node/22", "node/22/Dockerfile", "node/22/dev", "node/22/dev/Dockerfile"],
      ]);
      expect(await readlink(join(examples.get(directory) ?? "", "link.js"))).toBe("app.js");
    });
  });

  it("is gone after a run that failed; an example that is not there is left to its test", async () => {
    const { scratch, runtime } = await open();
    const lost = {
      ...runtime,
      example: { directory: "/no/such", test: ["npm", "test"], run: ["node"], output: "" },
    };
    const failed = withPinned([lost], new Map(), scratch, async ({ examples }) => {
      throw new Error(`${examples.size} examples`);
    });
    await expect(failed).rejects.toThrow("0 examples");
    expect(await readdir(scratch)).toEqual([]);
  });
});
