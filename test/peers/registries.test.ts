import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { debianPeer, goPeer, type Peer, titleOf } from "../support/peers.ts";
import { askRegistry, RELIED_ON } from "../support/relied-on.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { StartedCommand } from "../support/started-command.ts";
import { World } from "../support/world.ts";

rememberBuilds();

/** A registry of others, and what starts it. */
interface Serving {
  readonly name: string;
  readonly peer: Peer | undefined;
  readonly configuration: (host: string, directory: string) => string;
  readonly words: (file: string) => readonly string[];
}

/** Source: https://distribution.github.io/distribution/about/configuration */
const distribution = (host: string, directory: string) => `version: 0.1
log: { level: error }
storage:
  filesystem: { rootdirectory: ${directory} }
  delete: { enabled: true }
http: { addr: ${host} }
`;

/** Source: https://zotregistry.dev/latest/admin-guide/admin-configuration */
const zot = (host: string, directory: string) => {
  const [address, port] = host.split(":");
  return JSON.stringify({
    distSpecVersion: "1.0.1",
    storage: { rootDirectory: directory },
    http: { address, port },
    log: { level: "error" },
  });
};

const REGISTRIES: readonly Serving[] = [
  {
    name: "distribution 2",
    peer: await debianPeer("trixie", "docker-registry"),
    configuration: distribution,
    words: (file) => ["serve", file],
  },
  {
    name: "distribution 3",
    peer: await goPeer("registry", "github.com/distribution/distribution/v3/cmd/registry", "v3.1.2"),
    configuration: distribution,
    words: (file) => ["serve", file],
  },
  {
    name: "zot",
    // The newest that is served as a module where this was tried; built as its makers build the minimal one.
    peer: await goPeer("zot", "github.com/project-zot/zot", "v1.4.3", {
      program: "./cmd/zot",
      tags: ["containers_image_openpgp"],
    }),
    configuration: zot,
    words: (file) => ["serve", file],
  },
];

for (const { name, peer, configuration, words } of REGISTRIES) {
  describe.skipIf(!peer)(titleOf(peer, name), () => {
    let world: World;
    let directory: string;
    let serving: StartedCommand;
    let first: Map<string, string>;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "birdhouse-registry-"));
      world = await World.open(oneVersion());
      await writeFile(
        join(directory, "config.json"),
        configuration(world.registryHost, join(directory, "data")),
      );
      serving = new StartedCommand([...(peer?.command ?? []), ...words(join(directory, "config.json"))]);
      await serving.until("the registry's answer", () =>
        fetch(`http://${world.registryHost}/v2/`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
    });
    afterAll(async () => {
      await serving?.end("SIGTERM");
      await world?.close();
      await rm(directory, { recursive: true, force: true });
    });

    const digestOf = async (tag: string) => (await world.registry.headManifest("test/lua", tag))?.digest;
    const rebuild = async (...args: readonly string[]) => {
      const { exitCode, document } = await world.json("rebuild", "--engine", "buildah", ...args);
      expect(exitCode).toBe(0);
      return new Map(document.outcomes.map(({ target, digest }) => [target, digest]));
    };

    it.each(RELIED_ON)("does what is relied on: %s", async (wanted) => {
      await askRegistry(`http://${world.registryHost}`, wanted);
    });

    it("takes what is published, and gives the digests that were reported", async () => {
      first = await rebuild();
      expect(await digestOf("5.4")).toBe(first.get("lua:5.4"));
      expect(await digestOf("5.4-dev")).toBe(first.get("lua:5.4-dev"));
    });

    it("remembers what it was built from: nothing is due, and one that was deleted is", async () => {
      const idle = await world.json("plan");
      expect(idle.document.plan.filter((one) => one.rebuild)).toEqual([]);
      expect(await world.registry.deleteManifest("test/lua", first.get("lua:5.4-dev") ?? "")).toBe(true);
      const due = await world.json("plan");
      const missing = due.document.plan.find(({ target }) => target === "lua:5.4-dev");
      expect(missing?.reasons.map(({ kind }) => kind)).toContain("missing");
      // Both variants of a version are published together.
      expect(await rebuild()).toEqual(first);
    });

    it("gives back the list of contents and the provenance", async () => {
      for (const [option, word] of [
        ["--sbom", "CycloneDX"],
        ["--provenance", "slsa.dev/provenance"],
      ] as const) {
        const { exitCode, stdout, stderr } = await world.birdhouse("inspect", "lua:5.4", option);
        expect(exitCode, stderr).toBe(0);
        expect(stdout).toContain(word);
      }
    });

    it("moves tags on and back, and keeps where they pointed", async () => {
      const catalog = await world.readCatalog();
      await world.writeCatalog(catalog.replace("cmd: [lua]", "cmd: [lua, -i]"));
      const second = await rebuild("lua:5.4");
      expect(second.get("lua:5.4")).not.toBe(first.get("lua:5.4"));
      expect(await digestOf("5.4")).toBe(second.get("lua:5.4"));
      const back = await world.birdhouse("rollback", "lua:5.4");
      expect(back.exitCode, back.stderr).toBe(0);
      expect(await digestOf("5.4")).toBe(first.get("lua:5.4"));
      await world.writeCatalog(catalog);
    });

    it("removes what is old, and nothing that a tag names", async () => {
      const { exitCode, stderr } = await world.birdhouse("prune");
      expect(exitCode, stderr).toBe(0);
      expect(await digestOf("5.4")).toBe(first.get("lua:5.4"));
      const skopeo = ["skopeo", "copy", "--all", "--insecure-policy", "--src-tls-verify=false"];
      const whole = `docker://${world.namespace}/lua:5.4`;
      const copied = await tryRun([...skopeo, whole, `oci:${join(directory, "copied")}:lua`]);
      expect(copied.exitCode, copied.stderr).toBe(0);
    });
  });
}
