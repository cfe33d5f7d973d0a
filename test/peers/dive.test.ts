import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { run } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { goPeer, titleOf } from "../support/peers.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { World } from "../support/world.ts";

/** What finds buildah itself. */
const WHOLE_PATH = rememberBuilds();

const dive = await goPeer("dive", "github.com/wagoodman/dive", "v0.13.1");

const waste = z.object({
  layer: z.array(z.object({ sizeBytes: z.int() })),
  image: z.object({
    sizeBytes: z.int(),
    inefficientBytes: z.int(),
    efficiencyScore: z.number(),
    fileReference: z.array(z.object({ file: z.string(), sizeBytes: z.int() })),
  }),
});

describe.skipIf(!dive)(titleOf(dive, "dive"), () => {
  let home: string;
  let world: World;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "birdhouse-dive-"));
    world = await World.open(oneVersion());
    await world.startRegistry();
    await world.startMirror();
    expect((await world.birdhouse("rebuild", "--engine", "buildah")).exitCode).toBe(0);
  });
  afterAll(async () => {
    await world?.close();
    await rm(home, { recursive: true, force: true });
  });

  /** What dive makes of an image. @param from as skopeo takes it */
  const look = async (name: string, ...from: readonly string[]) => {
    const [archive, result] = [join(home, `${name}.tar`), join(home, `${name}.json`)];
    await run(["skopeo", "copy", "--insecure-policy", ...from, `docker-archive:${archive}`]);
    await run([...(dive?.command ?? []), `docker-archive://${archive}`, "--json", result], {
      env: { HOME: home },
    });
    return waste.parse(JSON.parse(await readFile(result, "utf8")));
  };
  const published = (tag: string) =>
    look(tag, "--src-tls-verify=false", `docker://${world.namespace}/lua:${tag}`);

  it("finds one layer in a runtime image, and nothing in it that is hidden", async () => {
    const { layer, image } = await published("5.4");
    expect(layer).toHaveLength(1);
    expect(image).toMatchObject({ inefficientBytes: 0, efficiencyScore: 1, fileReference: [] });
  });

  it("finds in a dev image that its steps wrote down users and packages anew, and nothing else", async () => {
    const { image } = await published("5.4-dev");
    const known = /^\/(?:lib\/apk\/db\/|etc\/(?:apk\/world|passwd|group|shadow)$|run$|root$)/;
    const hidden = image.fileReference.map(({ file }) => file);
    expect(hidden).toContain("/lib/apk/db/installed");
    expect(hidden.filter((file) => !known.test(file))).toEqual([]);
    expect(image.efficiencyScore).toBeGreaterThan(0.999);
  });

  it("finds what a later layer of another image hides", async () => {
    const folder = join(home, "twice");
    await mkdir(folder);
    for (const name of ["a", "b"]) await writeFile(join(folder, name), name.repeat(100_000));
    await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY a /file\nCOPY b /file\n");
    const buildah = ["buildah", "--root", join(home, "root"), "--runroot", join(home, "run")];
    const layout = `oci:${join(home, "layout")}:1`;
    const options = { env: { PATH: WHOLE_PATH } };
    await run([...buildah, "build", "--layers", "--tag", "localhost/hidden", folder], options);
    await run([...buildah, "push", "localhost/hidden", layout], options);
    const { image } = await look("hidden", layout);
    expect(image.fileReference).toEqual([expect.objectContaining({ file: "/file", sizeBytes: 200_000 })]);
    expect(image.inefficientBytes).toBeGreaterThan(0);
  });
});
