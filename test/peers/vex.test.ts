import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FileServer, serveDirectory } from "../../sandbox/serve.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { REAL_MIRROR, REAL_ROOTFS } from "../support/alpine-fixtures.ts";
import { titleOf } from "../support/peers.ts";
import { noRealApk } from "../support/real-apk.ts";
import { publishRootfs } from "../support/real-base.ts";
import { realCatalog } from "../support/real-catalog.ts";
import { type KnownVulnerability, putIntoPath, realGrype, realTrivy } from "../support/real-scanners.ts";
import { PROJECT } from "../support/workflows.ts";
import { BIRDHOUSE, type Document, World } from "../support/world.ts";

/** In all images: musl, busybox' shell, and a library of npm's. One of each, and one that these images have the fix of. */
const KNOWN: readonly KnownVulnerability[] = [
  { id: "CVE-2099-1", package: "musl", severity: "HIGH", branch: "3.19" },
  { id: "CVE-2099-2", package: "busybox", severity: "CRITICAL", branch: "3.19" },
  { id: "CVE-2099-3", package: "left-pad", severity: "HIGH" },
  { id: "CVE-2099-4", package: "musl", severity: "HIGH", branch: "3.19", fixed: "0.1-r0" },
];

const exception = (id: string, more: object) => ({ id, reason: "A test.", until: "2099-01-01", ...more });
const NOT_AFFECTED = { status: "not_affected", justification: "vulnerable_code_not_present" };
const EXCEPTIONS = [
  exception("CVE-2099-1", NOT_AFFECTED),
  exception("CVE-2099-2", {}),
  exception("CVE-2099-3", NOT_AFFECTED),
];
const LIBRARY_PATH = "/usr/lib/node_modules/left-pad/package.json";

/** What a scanner says of them: one that does not touch the image, one that is borne for a while, and a library's. */
const MUSL = "CVE-2099-1 in musl";
const BORNE = ["CVE-2099-2 in busybox", "CVE-2099-2 in busybox-binsh"];
const LIBRARY = "CVE-2099-3 in left-pad";
const VULNERABLE = ["busybox", "busybox-binsh", "musl"];

const isReal = noRealApk === undefined && existsSync(join(REAL_MIRROR, "v3.19/main/x86_64/APKINDEX.tar.gz"));
const scanners = await Promise.all([realTrivy(), realGrype()]);

/** Images of Alpine's own packages: those of the sandbox are Debian's, of which a list of Alpine's says nothing. */
for (const scanner of scanners) {
  const { name, peer } = scanner;
  describe.skipIf(!peer || !isReal)(titleOf(isReal ? peer : undefined, name), () => {
    let world: World;
    let mirror: FileServer;
    let published: Document;

    beforeAll(async () => {
      world = await World.open("");
      await world.startRegistry();
      mirror = await serveDirectory(REAL_MIRROR, 0);
      await publishRootfs(world, REAL_ROOTFS, [], `docker://${world.registryHost}/real/alpine:3.19`);
      await putIntoPath(world.path("bin"), scanner);
      await scanner.writeDatabase(world.path("database"), KNOWN);
    });
    afterAll(async () => {
      await mirror?.close();
      await world?.close();
    });

    const writeCatalog = (exceptions: readonly object[]) => {
      const places = { base: `${world.registryHost}/real/alpine`, packages: mirror.url };
      const smoke = { base: { run: ["/bin/sh", "-c", "echo hello, world"] } };
      const text = realCatalog(
        join(PROJECT, "catalog.yaml"),
        { registry: world.namespace, ...places },
        smoke,
      );
      const catalog = JSON.parse(text) as { images: { base: { runtime: object; dev: object } } };
      const files = { [LIBRARY_PATH]: { text: '{"name":"left-pad","version":"1.3.0","license":"MIT"}\n' } };
      for (const variant of ["runtime", "dev"] as const)
        Object.assign(catalog.images.base[variant], { files });
      return world.writeCatalog(JSON.stringify({ gate: { scanner: name, exceptions }, ...catalog }));
    };
    const env = () => ({
      ...scanner.env(world.path("database")),
      ...{ HOME: world.directory, PATH: `${world.path("bin")}${delimiter}${process.env.PATH}` },
    });
    const birdhouse = (verb: string, ...args: readonly string[]) => {
      const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
      return tryRun([...BIRDHOUSE, verb, ...places, ...args], { env: env() });
    };
    const scan = async (words: readonly string[], vex?: string) => {
      const given = vex === undefined ? [] : ["--vex", vex];
      const { exitCode, stdout, stderr } = await tryRun([name, ...words, ...given], { env: env() });
      expect(exitCode, stderr).toBe(0);
      return scanner.read(stdout);
    };
    const reference = (tag: string) => `${world.namespace}/base${tag}`;
    /** A platform's own digest. */
    const platformOf = async (tag: string) => {
      const index = await world.registry.getManifest("test/base", tag);
      const { manifests } = JSON.parse(String(index?.bytes)) as { manifests: { digest: string }[] };
      return manifests[0]?.digest ?? "";
    };

    it("keeps back what nobody has excepted, and nothing that is fixed", async () => {
      await writeCatalog(EXCEPTIONS.slice(1));
      const { exitCode, stdout } = await birdhouse("rebuild", "--engine", "buildah");
      expect(stdout).toMatch(/CVE-2099-1 \(high\) in musl \S+, linux\/amd64/);
      expect(stdout).not.toContain("CVE-2099-4");
      expect(exitCode).toBe(1);
      await writeCatalog(EXCEPTIONS);
      const done = await birdhouse("rebuild", "--json", "--engine", "buildah");
      expect(done.exitCode, done.stderr).toBe(0);
      published = JSON.parse(done.stdout) as Document;
      expect(published.outcomes.map(({ status }) => status)).toEqual(["done", "done"]);
      for (const tag of ["3.19", "3.19-dev"]) {
        for (const kind of ["vex", "sbom"]) {
          const { stdout: text } = await birdhouse("inspect", `base:${tag}`, `--${kind}`);
          await writeFile(world.path(`${tag}.${kind}.json`), text);
        }
      }
    });

    it("recognises Alpine, its packages and what is inside them, in the image and in our list of contents", async () => {
      const image = await scan(scanner.image(reference(":3.19")));
      expect(image.system).toBe("alpine 3.19.1");
      const reported = published.outcomes.find(({ target }) => target === "base:3.19")?.platforms[0]
        ?.packages;
      // grype names those in which it found something.
      const expected =
        name === "trivy" ? (reported ?? []) : VULNERABLE.map((one) => versionOf(reported, one));
      expect(image.packages).toEqual([...expected, "left-pad-1.3.0"].toSorted());
      const list = await scan(scanner.sbom(world.path("3.19.sbom.json")));
      expect([list.system, list.packages]).toEqual(["alpine 3.19", expected.toSorted()]);
      const text = await readFile(world.path("3.19.sbom.json"), "utf8");
      const contents = JSON.parse(text) as { components: { name: string }[] };
      const components = contents.components.filter((one) => one.name !== "musl");
      await writeFile(world.path("without.sbom.json"), JSON.stringify({ ...contents, components }));
      const without = await scan(scanner.sbom(world.path("without.sbom.json")));
      expect(without.found).toEqual(list.found.filter((one) => one !== MUSL));
    });

    it("finds what is known, and with our VEX what is borne, by tag and by digest", async () => {
      const vex = world.path("3.19.vex.json");
      expect((await scan(scanner.image(reference(":3.19")))).found).toEqual([MUSL, ...BORNE, LIBRARY]);
      const ofPlatform = scanner.image(reference(`@${await platformOf("3.19")}`));
      expect((await scan(ofPlatform)).found).toEqual([MUSL, ...BORNE, LIBRARY]);
      expect((await scan(ofPlatform, vex)).found).toEqual(BORNE);
      // Of a tag grype knows no architecture but that of a package of Alpine's.
      const left = name === "grype" ? [LIBRARY] : [];
      expect((await scan(scanner.image(reference(":3.19")), vex)).found).toEqual([...BORNE, ...left]);
    });

    it("believes our VEX of no other image, and none of another digest, place or architecture", async () => {
      const all = [MUSL, ...BORNE, LIBRARY];
      const other = world.path("3.19-dev.vex.json");
      expect((await scan(scanner.image(reference(":3.19")), other)).found).toEqual(all);
      expect((await scan(scanner.image(reference(`@${await platformOf("3.19")}`)), other)).found).toEqual(
        all,
      );
      const text = await readFile(world.path("3.19.vex.json"), "utf8");
      const changes: readonly ((text: string) => string)[] = [
        (own) => own.replace(/@sha256:[0-9a-f]{64}/g, `@sha256:${"0".repeat(64)}`),
        (own) => own.replaceAll(encodeURIComponent(world.namespace), "ghcr.io%2Fothers"),
        // What the scanner is shown is the whole by its tag: of what it is, only these two say.
        (own) => own.replaceAll("arch=x86_64", "arch=aarch64").replaceAll("arch=amd64", "arch=arm64"),
      ];
      for (const change of changes) {
        expect(change(text)).not.toBe(text);
        await writeFile(world.path("changed.vex.json"), change(text));
        const { found } = await scan(scanner.image(reference(":3.19")), world.path("changed.vex.json"));
        expect(found).toEqual(all);
      }
    });

    it("does not keep which image our list of contents is about, and so believes no VEX beside it", async () => {
      const list = scanner.sbom(world.path("3.19.sbom.json"));
      expect((await scan(list)).found).toEqual([MUSL, ...BORNE]);
      expect((await scan(list, world.path("3.19.vex.json"))).found).toEqual([MUSL, ...BORNE]);
      // It reads it: what names the package alone is obeyed.
      const vex = JSON.parse(await readFile(world.path("3.19.vex.json"), "utf8")) as VexOfPackages;
      const statements = vex.statements.map((one) => ({ ...one, products: one.products[0]?.subcomponents }));
      await writeFile(world.path("packages.vex.json"), JSON.stringify({ ...vex, statements }));
      expect((await scan(list, world.path("packages.vex.json"))).found).toEqual(BORNE);
    });
  });
}

/** A VEX, as far as to name its packages instead of the image. */
interface VexOfPackages {
  readonly statements: readonly {
    readonly products: readonly { readonly subcomponents: readonly object[] }[];
  }[];
}

function versionOf(reported: readonly string[] | undefined, name: string): string {
  return reported?.find((one) => new RegExp(`^${name}-\\d`).test(one)) ?? `no ${name}`;
}
