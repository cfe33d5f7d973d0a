import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf as digestOfBytes } from "../../scripts/formats/oci/digest.ts";
import {
  imageIndexSchema,
  MEDIA_TYPE,
  manifestSchema,
  parseDocument,
} from "../../scripts/formats/oci/types.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { brokenLinks } from "../support/site-links.ts";
import { World } from "../support/world.ts";

rememberBuilds();

/** What a stranger may write into an image: what a careless page would run, and what a terminal would obey. */
const HOSTILE = `</code><script>document.title = "owned"</script>\u001b[2J<img src=x onerror=alert(1)>`;

describe("the site", () => {
  let world: World;
  let output: string;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua", "moon"]));
    output = world.path("site");
    await world.startRegistry();
    const { exitCode, stdout } = await world.birdhouse("rebuild", "--engine", "buildah");
    if (exitCode !== 0) throw new Error(stdout);
    await writeFile(world.path("README.md"), "# Birds\n\nSee [the plan](docs/plan.md).\n");
  });
  afterAll(() => world.close());

  const write = (...args: string[]) => world.birdhouse("site", "--output", output, ...args);
  const read = (path: string) => readFile(join(output, path), "utf8");
  const digestOf = async (tag: string) => (await world.registry.headManifest("test/lua", tag))?.digest ?? "";

  /** What pages hand out to be copied and the registry does not have. */
  async function absentReferences(): Promise<string[]> {
    const pages = await Promise.all(
      ["index.html", "images/lua.html", "images/moon.html"].map((path) => read(path)),
    );
    const copied = pages.flatMap((page) => [...page.matchAll(/<div class="copy"><pre[^>]*><code>([^<]*)/g)]);
    const pattern = new RegExp(
      `${world.namespace}/([\\w-]+)(?::([\\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?`,
      "g",
    );
    const references = copied.flatMap(([, text = ""]) => [...text.matchAll(pattern)]);
    expect(references.length).toBeGreaterThan(10);
    const absent: string[] = [];
    for (const [whole, image, tag = "", digest] of references) {
      const found = await world.registry.headManifest(`test/${image}`, digest ?? tag);
      if (!found) absent.push(whole);
    }
    return absent;
  }

  /** Changes an image in the registry's own storage: past everybody, and under the same digest. */
  async function alterConfiguration(tag: string): Promise<void> {
    const { registry } = world;
    const index = await registry.getManifest("test/lua", tag);
    const [one] = parseDocument(imageIndexSchema, index?.bytes ?? new Uint8Array(), tag).manifests;
    const manifest = await registry.getManifest("test/lua", one?.digest ?? "");
    const { config } = parseDocument(manifestSchema, manifest?.bytes ?? new Uint8Array(), tag);
    const hex = config.digest.replace("sha256:", "");
    const blobs = "state/registry/data/docker/registry/v2/blobs/sha256";
    const file = join(world.path(blobs), hex.slice(0, 2), hex, "data");
    const text = await readFile(file, "utf8");
    // A file of its own: others may be names of the same one.
    await rm(file);
    await writeFile(file, text.replace("nonroot", "rootnon").replace('"linux"', '"xunil"'));
  }

  it("is written whole: pages, documents and data, of which every link leads somewhere", async () => {
    const { exitCode, stdout } = await write();
    expect(stdout).toMatch(/site\/index\.html: 2 images, 6 targets, \d+ files$/m);
    expect(exitCode).toBe(0);
    expect(await brokenLinks(output)).toEqual([]);
    const page = await read("images/lua.html");
    expect(page).toContain(`FROM ${world.namespace}/lua:5.4@${await digestOf("5.4")}`);
    expect(await absentReferences()).toEqual([]);
    const sbom = JSON.parse(await read("documents/lua/5.4/linux-amd64.sbom.cdx.json")) as {
      bomFormat: string;
    };
    expect(sbom.bomFormat).toBe("CycloneDX");
    expect(page).toMatch(
      /<code>lua5\.4<\/code><\/th><td>5\.4[^<]+<\/td><td class="number">[^<]+<\/td><td>custom</,
    );
    expect(page).toContain("missing in the registry");
  });

  it("tells of a tag that was moved, of one of a stranger, and of an image that was altered, as what they are", async () => {
    const { registry } = world;
    const [older, newer] = [await digestOf("5.1"), await digestOf("5.4")];
    const other = await registry.getManifest("test/lua", older);
    if (!other) throw new Error("lua:5.1 is not published");
    await registry.putManifest("test/lua", "5.4", other);
    const strange = {
      ...{ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] },
      annotations: { "org.opencontainers.image.title": HOSTILE },
    };
    const bytes = Buffer.from(JSON.stringify(strange));
    await registry.putManifest("test/lua", "evil", {
      ...{ bytes, mediaType: MEDIA_TYPE.index },
      digest: digestOfBytes(bytes),
    });
    await alterConfiguration("5.1-dev");
    const { exitCode } = await write();
    expect(exitCode).toBe(0);
    const page = await read("images/lua.html");
    expect(page).toMatch(/Not all of it could be read: .*the content is damaged/);
    expect(page).toContain("Somebody moved the tag: it points at");
    expect(page).toContain(`What was published last is ${newer}`);
    expect(page).toContain("&lt;img src&#x3D;x onerror&#x3D;alert(1)&gt;");
    expect(page).not.toMatch(/<script>|<img src=x|\u001b/);
    const status = await read("status.html");
    expect(status).toContain("lua:evil");
    expect(status).toMatch(/Not as they were published[\s\S]*lua:5\.4/);
    expect(await brokenLinks(output)).toEqual([]);
  });

  it("replaces the site before, and nothing that is not its own", async () => {
    const before = await stat(output);
    expect((await write("moon")).exitCode).toBe(0);
    expect((await stat(output)).ino).not.toBe(before.ino);
    expect(existsSync(join(output, "images/lua.html"))).toBe(false);
    await writeFile(join(output, "CNAME"), "images.example\n");
    const refused = await write();
    expect(refused.stderr).toContain("has files in it that are not the site's");
    expect(refused.stderr).toContain("CNAME");
    expect(refused.exitCode).toBe(2);
    const foreign = await world.birdhouse("site", "--output", world.path("state"));
    expect(foreign.stderr).toContain("is not empty and is not a site of Birdhouse: nothing was written");
    expect(foreign.exitCode).toBe(2);
    const left = (await readdir(dirname(output))).filter((name) => name.startsWith(".site-"));
    expect(left).toEqual([]);
    expect(relative(world.directory, resolve(output))).toBe("site");
  });
});
