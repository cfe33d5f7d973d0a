import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { goPeer, titleOf } from "../support/peers.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, World } from "../support/world.ts";

rememberBuilds();

const syft = await goPeer("syft", "github.com/anchore/syft/cmd/syft", "v1.57.1");

/** What syft finds, as far as it is looked at. Source: syft's own JSON schema. */
interface Found {
  readonly artifacts: readonly { readonly name: string; readonly version: string; readonly type: string }[];
  readonly distro?: { readonly id?: string; readonly versionID?: string };
}

describe.skipIf(!syft)(titleOf(syft, "syft"), () => {
  let home: string;
  let world: World;
  let published: Document;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "birdhouse-scanners-"));
    world = await World.open(oneVersion());
    await world.startRegistry();
    const result = await world.json("rebuild", "--engine", "buildah");
    expect(result.exitCode).toBe(0);
    published = result.document;
    for (const tag of ["5.4", "5.4-dev"]) {
      const from = `docker://${world.namespace}/lua:${tag}`;
      const to = `oci:${join(home, tag)}:lua`;
      await run(["skopeo", "copy", "--insecure-policy", "--src-tls-verify=false", from, to]);
      const sbom = await world.birdhouse("inspect", `lua:${tag}`, "--sbom");
      await writeFile(join(home, `${tag}.cdx.json`), sbom.stdout);
    }
  });
  afterAll(async () => {
    await world?.close();
    await rm(home, { recursive: true, force: true });
  });

  const env = () => ({ HOME: home, SYFT_CHECK_FOR_APP_UPDATE: "false" });
  /** `NAME-VERSION`, as our own report has it. */
  const packagesOf = (found: Found) =>
    found.artifacts
      .filter(({ type }) => type === "apk")
      .map(({ name, version }) => `${name}-${version}`)
      .toSorted();
  const reported = (target: string) =>
    published.outcomes.find((one) => one.target === target)?.platforms[0]?.packages.toSorted();

  const find = async (source: string): Promise<Found> => {
    const words = [...(syft?.command ?? []), "scan", source, "--output", "syft-json", "--quiet"];
    return JSON.parse((await run(words, { cwd: home, env: env() })).stdout) as Found;
  };

  it.each(["5.4", "5.4-dev"])(
    "finds in the image %s exactly the packages that were reported",
    async (tag) => {
      const found = await find(`oci-dir:${join(home, tag)}`);
      expect(packagesOf(found)).toEqual(reported(`lua:${tag}`));
      // Here it is the sandbox's, which does not call Debian's packages Alpine's.
      expect(found.distro).toMatchObject({ id: "birdhouse-sandbox", versionID: "3.22.0" });
    },
  );

  const read = async (file: string): Promise<string[]> => {
    const words = [...(syft?.command ?? []), "convert", join(home, file), "--output", "syft-json", "--quiet"];
    const found = JSON.parse((await run(words, { cwd: home, env: env() })).stdout) as Found;
    return found.artifacts.map(({ name, version }) => `${name}-${version}`);
  };

  it("reads the same out of our list of contents", async () => {
    expect(await read("5.4.cdx.json")).toEqual(expect.arrayContaining(reported("lua:5.4") ?? []));
  });

  it("misses a package that was taken out of the list", async () => {
    const text = await readFile(join(home, "5.4.cdx.json"), "utf8");
    const list = JSON.parse(text) as { components: { name: string }[] };
    const without = { ...list, components: list.components.filter(({ name }) => name !== "lua5.4") };
    await writeFile(join(home, "without.cdx.json"), JSON.stringify(without));
    const missed = (reported("lua:5.4") ?? []).filter((one) => one.startsWith("lua5.4-"));
    expect(missed).toHaveLength(1);
    expect(await read("without.cdx.json")).not.toEqual(expect.arrayContaining(missed));
    expect((await read("without.cdx.json")).length).toBeGreaterThan(3);
  });
});
