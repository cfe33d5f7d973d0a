import { createHash } from "node:crypto";
import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../scripts/formats/oci/layout.ts";
import {
  type Descriptor,
  imageIndexSchema,
  manifestSchema,
  parseDocument,
} from "../../scripts/formats/oci/types.ts";
import type { Registry } from "../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { referrersOf } from "../../scripts/registry/referrers.ts";
import { run } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { entriesOf } from "../support/histories.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { World } from "../support/world.ts";

type Tags = Record<string, string | undefined>;

interface Imported {
  readonly imported: readonly { target: string; digest: string; sent: number; moved: string[] }[];
}

rememberBuilds();

describe("over an air gap", () => {
  let world: World;
  /** Both sides have one address: a registry on each, and never both at once. */
  let close: () => Promise<unknown>;
  const openSide = async (side: "near" | "far") => {
    await close?.();
    close = await openLocalRegistry({
      host: world.registryHost,
      directory: world.path(side),
      note: () => {},
    });
  };
  /** What was on the near side. */
  const near = { tags: {} as Tags, attached: [] as readonly Descriptor[], sbom: "" };
  /** Where cosign would have a signature. */
  let signature: string;

  const exported = (...args: readonly string[]) => world.birdhouse("export", ...args);
  const imported = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await world.birdhouse("import", "--json", ...args);
    expect(exitCode, stderr).toBe(0);
    return (JSON.parse(stdout) as Imported).imported;
  };
  const tagsHere = () => world.registry.listTags("test/lua");
  const attachedHere = () =>
    referrersOf({ registry: world.registry, repository: "test/lua" }, near.tags["5.4"] ?? "");

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await openSide("near");
    const { exitCode, stderr } = await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah");
    expect(exitCode, stderr).toBe(0);
    near.tags = await everyTag(world.registry);
    near.attached = await attachedHere();
    near.sbom = (await world.birdhouse("inspect", "lua:5.4", "--sbom")).stdout;
    // What is attached stands in for a signature: it is a manifest of one layer, too.
    signature = `${near.tags["5.4"]?.replace(":", "-")}.sig`;
    const manifest = await world.registry.getManifest("test/lua", near.attached[0]?.digest ?? "");
    if (!manifest) throw new Error("nothing is attached");
    await world.registry.putManifest("test/lua", signature, manifest);
  });
  afterAll(async () => {
    await close?.();
    await world?.close();
  });

  it("a version goes out as an archive, both variants of it: others can read it, and it comes out the same", async () => {
    const { exitCode, stdout, stderr } = await exported("lua:5.4-dev", "--to", world.path("one.tar"));
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("2 targets in");
    await exported("lua", "--to", world.path("two.tar"));
    expect(await sha256(world.path("two.tar"))).toBe(await sha256(world.path("one.tar")));
    for (const tag of ["5.4", "5.4-dev", "latest"]) {
      const reference = `oci-archive:${world.path("one.tar")}:lua:${tag}`;
      const { stdout: raw } = await run(["skopeo", "inspect", "--raw", reference]);
      expect(digestOf(Buffer.from(raw)), tag).toBe(near.tags[tag]);
    }
  });

  it("a directory is read by others too, and one that holds something is left alone", async () => {
    expect((await exported("--to", world.path("all"))).exitCode).toBe(0);
    await run(["skopeo", "inspect", `oci:${world.path("all")}:lua:5.4-dev`]);
    const again = await exported("--to", world.path("all"));
    expect(again.stderr).toContain("→ name another, or remove it first");
    const unpublished = await exported("lua:5.1", "--to", world.path("none"));
    expect(unpublished.stderr).toContain("has no published lua:5.1");
    expect([again.exitCode, unpublished.exitCode]).toEqual([2, 2]);
  });

  it("nothing that looks whole is left where a layer is damaged at its source", async () => {
    const layer = await layerOf(world.registry, near.tags["5.4"] ?? "");
    const digits = layer.slice("sha256:".length);
    const blobs = world.path("near/data/docker/registry/v2/blobs/sha256");
    const file = join(blobs, digits.slice(0, 2), digits, "data");
    const content = await readFile(file);
    await writeFile(file, Buffer.concat([content.subarray(1), Buffer.from("x")]));
    const { exitCode, stderr } = await exported("lua", "--to", world.path("bad.tar"));
    await writeFile(file, content);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`could not read the blob ${layer}`);
    expect((await readdir(world.directory)).filter((name) => name.startsWith("bad"))).toEqual([]);
  });

  it("on the far side, a dry run says what an import would do, and does nothing", async () => {
    await openSide("far");
    const would = await imported(world.path("one.tar"), "--dry-run");
    expect(would.map(({ target }) => target)).toEqual(["lua:5.4", "lua:5.4-dev"]);
    expect(
      would.every(({ sent, moved }) => sent > 0 && moved.includes("5.4") !== moved.includes("5.4-dev")),
    ).toBe(true);
    expect(await tagsHere()).toEqual([]);
  });

  it("nothing is sent of what is cut off, damaged, not whole, or somebody else's", async () => {
    const refused = async (from: string, why: string | RegExp) => {
      const { exitCode, stderr } = await world.birdhouse("import", from);
      expect(stderr).toMatch(why);
      expect(exitCode).toBe(2);
    };
    const file = world.path("harmed.tar");
    await cp(world.path("one.tar"), file);
    await flipByte(file);
    await refused(
      file,
      /harmed\.tar: blobs\/sha256\/[0-9a-f]{64} is damaged.*nothing was sent\n→ copy it again/s,
    );
    await truncate(file, 1_000_000);
    await refused(file, /harmed\.tar: it cannot be read as a tar archive/);

    const broken = world.path("broken");
    await cp(world.path("all"), broken, { recursive: true });
    const layout = await OciLayout.open(broken);
    const [root] = (await layout.readIndex()).manifests;
    const lost = root && (await layout.closure(root)).blobs[0]?.digest;
    await rm(layout.blobPath(lost ?? ""));
    await refused(broken, `broken: blobs/${lost?.replace(":", "/")} is missing`);

    const foreign = world.path("foreign");
    await run(["skopeo", "copy", `oci:${world.path("all")}:lua:5.4`, `oci:${foreign}:lua:5.4`]);
    await refused(foreign, "is not a Birdhouse export: lua:5.4 does not say which target it is");
    expect(await tagsHere()).toEqual([]);
  });

  it("an import brings the same digests under all tags, with what is attached and signed, and its history", async () => {
    const found = await imported(world.path("one.tar"));
    expect(found.map(({ target }) => target)).toEqual(["lua:5.4", "lua:5.4-dev"]);
    const { "5.4.history": _, "5.4-dev.history": __, ...tags } = near.tags;
    expect(await everyTag(world.registry)).toMatchObject({ ...tags, [signature]: near.attached[0]?.digest });
    expect(await attachedHere()).toEqual(near.attached);
    const [entry] = await entriesOf(world.registry, "test/lua", "5.4");
    expect(entry?.image.digest).toBe(near.tags["5.4"]);
    expect((await world.birdhouse("inspect", "lua:5.4", "--sbom")).stdout).toBe(near.sbom);
  });

  it("a plan has nothing to do then, and another import neither", async () => {
    const plan = await world.birdhouse("plan", "lua:5.4", "lua:5.4-dev");
    expect(plan.stdout).toContain("Nothing to do");
    const before = await everyTag(world.registry);
    const again = await imported(world.path("all"), "lua:5.4");
    expect(again.map(({ sent, moved }) => [sent, moved])).toEqual([
      [0, []],
      [0, []],
    ]);
    expect(await everyTag(world.registry)).toEqual(before);
    expect(await readdir(world.path("state/scratch")).catch(() => [])).toEqual([]);
  });
});

async function sha256(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

/** Of a layer: they are nearly all of it. */
async function flipByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

/** The first layer of the first platform. */
async function layerOf(registry: Registry, index: string): Promise<string> {
  const read = async (digest: string) =>
    (await registry.getManifest("test/lua", digest))?.bytes ?? Buffer.alloc(0);
  const { manifests } = parseDocument(imageIndexSchema, await read(index), index);
  const { layers } = parseDocument(manifestSchema, await read(manifests[0]?.digest ?? ""), index);
  return layers[0]?.digest ?? "";
}

async function everyTag(registry: Registry): Promise<Tags> {
  const tags = await registry.listTags("test/lua");
  const heads = await Promise.all(tags.map((tag) => registry.headManifest("test/lua", tag)));
  return Object.fromEntries(tags.map((tag, index) => [tag, heads[index]?.digest]));
}
