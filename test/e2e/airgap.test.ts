import { createHash } from "node:crypto";
import { appendFile, cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../scripts/oci/digest.ts";
import { OciLayout } from "../../scripts/oci/layout.ts";
import { manifestSchema, parseDocument } from "../../scripts/oci/types.ts";
import { readHistory } from "../../scripts/publish/history.ts";
import { Registry } from "../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { referrersOf } from "../../scripts/registry/referrers.ts";
import { run } from "../../scripts/system/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { freePort, World } from "../support/world.ts";

interface Imported {
  readonly imported: readonly { target: string; digest: string; sent: number; moved: string[] }[];
}

describe("over an air gap", () => {
  let world: World;
  let far: Registry;
  let closeFar: () => Promise<unknown>;
  /** Where cosign would have a signature of `lua:5.4`. */
  let signature: string;

  const digestAt = async (registry: Registry, repository: string, reference: string) =>
    (await registry.headManifest(repository, reference))?.digest;
  const exported = (...args: readonly string[]) => world.birdhouse("export", ...args);
  const there = (command: string, ...args: readonly string[]) =>
    world.birdhouse(command, ...args, "--registry", `${far.host}/far/base`);
  const bring = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await there("import", "--json", ...args);
    expect(exitCode, stderr).toBe(0);
    return JSON.parse(stdout) as Imported;
  };
  const tagsThere = () => far.listTags("far/base/lua");

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await world.startRegistry();
    far = new Registry(`127.0.0.1:${await freePort()}`);
    closeFar = await openLocalRegistry({ host: far.host, directory: world.path("far"), note: () => {} });
    const { exitCode, stderr } = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(exitCode, stderr).toBe(0);
    signature = `${(await digestAt(world.registry, "test/lua", "5.4"))?.replace(":", "-")}.sig`;
    const sbom = await attachedTo(world.registry, "test/lua", "5.4");
    await world.registry.putManifest("test/lua", signature, sbom);
  });
  afterAll(async () => {
    await closeFar?.();
    await world?.close();
  });

  it("exports a version, both variants of it, as an archive that others read and that comes out the same", async () => {
    const { exitCode, stdout, stderr } = await exported("lua:5.4", "--to", world.path("one.tar"));
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("2 targets in");
    await exported("lua:5.4", "--to", world.path("two.tar"));
    expect(await sha256(world.path("two.tar"))).toBe(await sha256(world.path("one.tar")));
    for (const tag of ["5.4", "5.4-dev", "latest", "5.4.7"].filter((name) => stdout.includes(` ${name}`))) {
      const reference = `oci-archive:${world.path("one.tar")}:lua:${tag}`;
      const raw = await run(["skopeo", "inspect", "--raw", reference]);
      const digest = await digestAt(world.registry, "test/lua", tag);
      expect(digestOf(Buffer.from(raw.stdout)), tag).toBe(digest);
    }
  });

  it("exports a directory that skopeo reads, and leaves alone one that holds something", async () => {
    expect((await exported("--to", world.path("all"))).exitCode).toBe(0);
    await run(["skopeo", "inspect", `oci:${world.path("all")}:lua:5.1-dev`]);
    const again = await exported("--to", world.path("all"));
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain("→ name another, or remove it first");
    const unknown = await exported("node:22", "--to", world.path("none"));
    expect(unknown.exitCode).toBe(2);
  });

  it("says what an import would do, and does nothing", async () => {
    const { imported } = await bring(world.path("one.tar"), "--dry-run");
    expect(imported.map(({ target }) => target)).toEqual(["lua:5.4", "lua:5.4-dev"]);
    expect(imported.every(({ sent, moved }) => sent > 0 && moved.length > 0)).toBe(true);
    expect(await tagsThere()).toEqual([]);
  });

  it.each([
    ["cut off", (file: string) => truncate(file, 100_000), /cut\.tar: .*→ copy it anew/s],
    ["with a byte that flipped", flipLayerByte, /blobs\/sha256\/[0-9a-f]{64} is damaged.*→ copy it anew/s],
    ["with more behind its end", (file: string) => appendFile(file, "x"), undefined],
  ] as const)("refuses an archive %s before anything is sent", async (_, harm, expected) => {
    const file = world.path("cut.tar");
    await cp(world.path("one.tar"), file);
    await harm(file);
    const { exitCode, stderr } = await there("import", file, "--dry-run");
    expect(exitCode).toBe(expected ? 2 : 0);
    if (expected) expect(stderr).toMatch(expected);
    expect(await tagsThere()).toEqual([]);
  });

  it("refuses a directory that lacks a blob, and somebody else's image", async () => {
    const broken = world.path("broken");
    await cp(world.path("all"), broken, { recursive: true });
    const layout = await OciLayout.open(broken);
    const [root] = (await layout.readIndex()).manifests;
    if (!root) throw new Error("the export is empty");
    const { blobs } = await layout.closure(root);
    await rm(layout.blobPath(blobs[0]?.digest ?? ""));
    const lacking = await there("import", broken);
    expect(lacking.exitCode).toBe(2);
    expect(lacking.stderr).toContain(`${blobs[0]?.digest.replace(":", "/")} is missing`);

    const foreign = world.path("foreign");
    await run(["skopeo", "copy", `oci:${world.path("all")}:lua:5.4`, `oci:${foreign}:lua:5.4`]);
    const refused = await there("import", foreign);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("is not an export of Birdhouse's: nothing says which target lua:5.4 is");
    expect(await tagsThere()).toEqual([]);
  });

  it("imports what was asked for: same digests, all tags, attachments and signatures", async () => {
    const { imported } = await bring(world.path("all"), "lua:5.4-dev");
    expect(imported.map(({ target }) => target)).toEqual(["lua:5.4", "lua:5.4-dev"]);
    for (const { digest, moved } of imported) {
      expect(moved.length).toBeGreaterThan(1);
      for (const tag of moved) expect(await digestAt(far, "far/base/lua", tag)).toBe(digest);
    }
    expect(await digestAt(far, "far/base/lua", signature)).toBe(
      await digestAt(world.registry, "test/lua", signature),
    );
    const digest = imported[0]?.digest ?? "";
    expect(await referrersOf(far, "far/base/lua", digest)).toEqual(
      await referrersOf(world.registry, "test/lua", digest),
    );
    const [entry] = await readHistory(far, "far/base/lua", "5.4");
    expect(entry?.image.digest).toBe(digest);
    const sbom = await there("inspect", "lua:5.4", "--sbom");
    expect(sbom.stdout).toBe((await world.birdhouse("inspect", "lua:5.4", "--sbom")).stdout);
  });

  it("imports the rest, after which a plan there has nothing to do, and another import neither", async () => {
    await bring(world.path("all"));
    const plan = await there("plan");
    expect(plan.stdout).toContain("Nothing to do");
    const before = await everyTag(far, "far/base/lua");
    const { imported } = await bring(world.path("all"));
    expect(imported).toHaveLength(4);
    expect(imported.every(({ sent, moved }) => sent === 0 && moved.length === 0)).toBe(true);
    expect(await everyTag(far, "far/base/lua")).toEqual(before);
    expect(await readdir(world.path("state/scratch")).catch(() => [])).toEqual([]);
  });

  it("leaves nothing that looks whole when a blob is gone or damaged at its source", async () => {
    const data = world.path("state/registry/data/docker/registry/v2/blobs/sha256");
    const layer = await layerOf(world.registry, "test/lua", "5.4");
    const file = join(data, layer.slice(7, 9), layer.slice(7), "data");
    const content = await readFile(file);
    await writeFile(file, Buffer.concat([content.subarray(1), Buffer.from("x")]));
    const { exitCode, stderr } = await exported("lua:5.4", "--to", world.path("bad.tar"));
    await writeFile(file, content);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`could not read the blob ${layer}`);
    expect((await readdir(world.directory)).filter((name) => name.startsWith("bad"))).toEqual([]);
  });
});

async function sha256(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

async function flipLayerByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

/** The manifest of what is attached first to a platform of an image: any that is whole stands in for a signature. */
async function attachedTo(registry: Registry, repository: string, tag: string) {
  const head = await registry.headManifest(repository, tag);
  const [first] = await referrersOf(registry, repository, head?.digest ?? "");
  const manifest = await registry.getManifest(repository, first?.digest ?? "");
  if (!manifest) throw new Error("nothing is attached");
  return manifest;
}

async function layerOf(registry: Registry, repository: string, tag: string): Promise<string> {
  const index = await registry.getManifest(repository, tag);
  const { manifests } = JSON.parse(Buffer.from(index?.bytes ?? "").toString()) as {
    manifests: { digest: string }[];
  };
  const manifest = await registry.getManifest(repository, manifests[0]?.digest ?? "");
  const { layers } = parseDocument(manifestSchema, manifest?.bytes ?? new Uint8Array(), tag);
  return layers[0]?.digest ?? "";
}

async function everyTag(registry: Registry, repository: string): Promise<Record<string, string | undefined>> {
  const tags = await registry.listTags(repository);
  const heads = await Promise.all(tags.map((tag) => registry.headManifest(repository, tag)));
  return Object.fromEntries(tags.map((tag, index) => [tag, heads[index]?.digest]));
}
