import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import { parseInstalled } from "../../scripts/formats/alpine/installed.ts";
import { run } from "../../scripts/system/process/process.ts";
import { apkoBuild, apkoPeer, writeApkoFile } from "../support/apko.ts";
import { oneVersion } from "../support/catalogs.ts";
import { contentsIn, filesIn, layersIn } from "../support/image-files.ts";
import { titleOf } from "../support/peers.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, World } from "../support/world.ts";

rememberBuilds();

const apko = await apkoPeer();

/** Path → what tar tells of it and, of a file, the hash of its content. */
type Files = ReadonlyMap<string, string>;

/** Each with its reason in docs/peers.md. */
const EXPLAINED = {
  oursOnly: [
    // What our template adds: a user, the folders that programs expect, the catalog's links.
    ...[
      "home",
      "home/nonroot",
      "run",
      "sys",
      "usr/bin/lua",
      "usr/local",
      "usr/local/bin",
      "var/run",
      "var/tmp",
    ],
    // apk 2 has its database here, and apko where apk 3 has it.
    ...["lib/apk/db", "lib/apk/db/installed"],
  ].toSorted(),
  theirsOnly: [
    // The homes of users that only a system that boots has.
    ...["bin", "sbin", "var/mail"],
    ...["console", "null", "random", "urandom", "zero"].map((name) => `dev/${name}`),
    // What apk would need to install more.
    ...["", "/arch", "/keys", "/keys/birdhouse-sandbox.rsa.pub", "/repositories", "/world"].map(
      (name) => `etc/apk${name}`,
    ),
    ...["var/cache/apk", "var/cache/misc", "usr/lib/apk", "usr/lib/apk/db", "usr/lib/apk/exec"],
    ...["installed", "lock", "scripts.tar", "triggers"].map((name) => `usr/lib/apk/db/${name}`),
    // What it was made from, and what greets at a login.
    ...["etc/apko.json", "etc/issue"],
  ].toSorted(),
  // Our user; a root whom no password lets in; and a link, where apko has merged /lib with /usr/lib.
  differ: ["etc/group", "etc/passwd", "etc/shadow", "lib/apk"],
};

describe.skipIf(!apko)(titleOf(apko, "apko"), () => {
  let home: string;
  let world: World;
  let published: Document;
  let packages: readonly string[];
  let ours: Files;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "birdhouse-apko-"));
    world = await World.open(oneVersion());
    await world.startRegistry();
    await world.startMirror();
    const result = await world.json("rebuild", "--engine", "buildah");
    expect(result.exitCode).toBe(0);
    published = result.document;
    const { targets } = await loadCatalog(world.path("catalog.yaml"));
    packages = targets.find(({ name }) => name === "lua:5.4")?.world ?? [];
    ours = await filesOf(["--src-tls-verify=false", `docker://${world.namespace}/lua:5.4`], "ours");
  });
  afterAll(async () => {
    await world?.close();
    await rm(home, { recursive: true, force: true });
  });

  /** Has apko make an image of packages, from the mirror that ours was made from. @returns the folder of its layout */
  const build = async (name: string, asked: readonly string[]): Promise<string> => {
    const [file, layout] = [join(home, `${name}.yaml`), join(home, `${name}-layout`)];
    await writeApkoFile(file, { branch: "3.22", packages: asked }, world);
    await mkdir(layout);
    const env = { HOME: home, TMPDIR: home };
    if (apko) await run(apkoBuild(apko, file, layout), { cwd: home, env });
    return layout;
  };
  const filesOf = async (from: readonly string[], name: string): Promise<Files> => {
    const to = join(home, name);
    await run(["skopeo", "copy", "--insecure-policy", ...from, `dir:${to}`]);
    const contents = await contentsIn(to);
    const files = await filesIn(to);
    return new Map([...files].map(([path, told]) => [path, `${told} ${contents.get(path) ?? ""}`.trim()]));
  };
  const differences = (theirs: Files) => ({
    oursOnly: [...ours.keys()].filter((path) => !theirs.has(path)).toSorted(),
    theirsOnly: [...theirs.keys()].filter((path) => !ours.has(path)).toSorted(),
    differ: [...ours.keys()]
      .filter((path) => theirs.has(path) && theirs.get(path) !== ours.get(path))
      .toSorted(),
  });

  it("makes the same image of the same packages, file by file, but for what docs/peers.md says", async () => {
    const theirs = await filesOf([`oci:${await build("lua", packages)}`], "theirs");
    expect(differences(theirs)).toEqual(EXPLAINED);
    expect([...ours.keys()].filter((path) => theirs.get(path) === ours.get(path)).length).toBeGreaterThan(50);
  });

  it("makes another of other packages, and so it is seen to differ", async () => {
    const fewer = packages.filter((name) => name !== "alpine-release");
    const theirs = await filesOf([`oci:${await build("fewer", fewer)}`], "fewer");
    expect(differences(theirs).oursOnly).toContain("etc/alpine-release");
  });

  it("installs the same packages, in the same versions", async () => {
    const [blob = ""] = await layersIn(join(home, "theirs"));
    const { stdout } = await run(["tar", "-xzOf", blob, "usr/lib/apk/db/installed"]);
    const theirs = parseInstalled(stdout).map(({ name, version }) => `${name}-${version}`);
    const own = published.outcomes.find(({ target }) => target === "lua:5.4")?.platforms[0]?.packages;
    expect(theirs.toSorted()).toEqual(own?.toSorted());
  });
});
