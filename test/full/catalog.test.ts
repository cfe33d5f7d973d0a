import { cp, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXAMPLE_NEEDS, LANGUAGES } from "../../sandbox/mirror/languages.ts";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import type { Catalog, Release, Target } from "../../scripts/model/target.ts";
import { eachOf, releasesOf, tagFor } from "../../scripts/model/target.ts";
import { run } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { type Lived, livedText, liveIn } from "../support/live-in.ts";
import { OtherClone } from "../support/other-clone.ts";
import { endsWhenStopped } from "../support/process-one.ts";
import { dockerPuller, type Puller } from "../support/pulls.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { SOAK } from "../support/soak.ts";
import { followReadmes } from "../support/try-example.ts";
import { withoutProof } from "../support/without-proof.ts";
import { type Document, World } from "../support/world.ts";

/** The `PATH` of a run that builds in any case. All versions would take tens of gigabytes once more. */
const BUILDING = SOAK ? (process.env.PATH ?? "") : rememberBuilds();

/** Languages that every sandbox has. */
const ALWAYS = Object.keys(LANGUAGES).filter((name) => LANGUAGES[name]?.always.length);

/** Languages that a sandbox has only where they are asked for: they are built by the weekly soak. */
const isRare = (image: string) => LANGUAGES[image]?.always.length === 0;

/** One image of each kind: a program alone, a language with what is installed beside it, modules and bytecode. */
const KINDS = ["static", "node", "python"];

/** Those that are built twice: the least that there is, and one with bytecode, which has times in it. */
const AGAIN = ["static", "python"];

describe(`the project's own catalog, ${SOAK ? "all of it" : "the newest version of each image that every sandbox has"}`, () => {
  let world: World;
  let catalog: Catalog;
  const published = new Set<string>();
  /** Target → the digest of what was smoke-tested. */
  const digests = new Map<string, string>();
  /** The newest version of each image that the sandbox can build, all its variants. */
  const newest = new Set<string>();
  /** What is built: all targets where nothing is named. */
  let named: readonly string[] = [];

  beforeAll(async () => {
    world = await World.open("");
    const text = await readFile("catalog.yaml", "utf8");
    // Examples are gone through once: below, as their READMEs say.
    await world.writeCatalog(SOAK ? text : withoutProof(text, "example"));
    await cp("examples", world.path("examples"), { recursive: true });
    catalog = await loadCatalog("catalog.yaml");
    await world.startRegistry();
    await world.startMirror();
    const { document } = await world.json("plan");
    const buildable = document.plan.filter(({ unavailable }) => unavailable === null);
    const releases = newestOf(releasesOf(catalog.targets), new Set(buildable.map(({ target }) => target)));
    const here = releases.filter(({ image }) => SOAK || !isRare(image));
    for (const { name } of here.flatMap((release) => eachOf(release))) newest.add(name);
    if (!SOAK) named = [...newest];
  });
  afterAll(() => world.close());

  it("is built, tested and published in the sandbox, but for what the sandbox lacks", async () => {
    const { exitCode, document } = await world.json("rebuild", "--engine", "buildah", ...named);
    expect(document.outcomes.filter(({ status }) => status !== "done")).toEqual([]);
    for (const { target, digest } of document.outcomes) {
      published.add(target);
      digests.set(target, digest);
    }
    const lacking = document.plan.filter(({ unavailable }) => unavailable !== null);
    const names = [...published, ...lacking.map(({ target }) => target)];
    const wanted = SOAK ? catalog.targets.map(({ name }) => name) : named;
    expect(names.toSorted()).toEqual(wanted.toSorted());
    expect(exitCode).toBe(0);
    const images = new Set([...published].map((name) => name.replace(/:.*/, "")));
    expect(ALWAYS.filter((name) => !images.has(name))).toEqual([]);
  });

  it("leaves nothing to do", async () => {
    const { exitCode, document } = await world.json("plan", ...named);
    expect(document.plan.filter(({ rebuild }) => rebuild)).toEqual([]);
    expect(exitCode).toBe(0);
  });

  it("has READMEs that work as they say, those of examples too, in at least nine languages", async () => {
    const newest = new Map(
      catalog.targets
        .filter(({ name, variant, example }) => variant === "runtime" && example && published.has(name))
        .filter(({ image }) => !EXAMPLE_NEEDS.has(image))
        .toReversed()
        .map((target) => [target.image, target]),
    );
    const failed: string[] = [];
    for (const target of newest.values()) {
      const { exitCode, output, stdout } = await followReadmes(
        target,
        world,
        catalog.registry,
        world.path("readmes"),
      );
      const right = exitCode === 0 && stdout.trimEnd().endsWith(target.example?.output ?? "");
      const wrong = `it ended with ${exitCode}:\n${output}`;
      console.log(`${target.name}: ${right ? "as its README says" : wrong}`);
      if (!right) failed.push(target.name);
    }
    expect(failed).toEqual([]);
    expect(newest.size).toBeGreaterThanOrEqual(SOAK ? 14 : 9);
  });

  it("ends on the signal to stop as process 1, or does not, as the READMEs say of at least 7 languages", async () => {
    const told = catalog.targets.filter(
      ({ name, variant, stop }) => variant === "runtime" && stop && published.has(name),
    );
    const newest = new Map(told.toReversed().map((target) => [target.image, target]));
    const found: Record<string, boolean> = {};
    for (const { image, version, stop } of newest.values()) {
      const reference = `docker://${world.namespace}/${image}:${version}`;
      found[image] = await endsWhenStopped(reference, world.path("process-one"), stop?.run ?? []);
    }
    expect(found).toEqual(Object.fromEntries([...newest].map(([image, { stop }]) => [image, stop?.ends])));
    expect(newest.size).toBeGreaterThanOrEqual(7);
  });

  it("does what it promises for root, for its own user and for anybody, where nothing can be written but /tmp", async () => {
    const store = world.path("lived-in");
    const lived: Lived[] = [];
    try {
      const all = newestOf(releasesOf(catalog.targets), published);
      for (const release of all.filter(({ image }) => SOAK || KINDS.includes(image))) {
        const of = ({ image, variant, version }: Target) =>
          `docker://${world.namespace}/${image}:${tagFor(variant, version)}`;
        lived.push(...(await liveIn(release, of, store)));
      }
    } finally {
      await unmountBelow(store);
    }
    console.log(livedText(lived));
    expect(lived.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
    expect(new Set(lived.map(({ target }) => target)).size).toBeGreaterThanOrEqual(
      2 * (SOAK ? ALWAYS : KINDS).length,
    );
  });

  it("has one digest of each target: what was tested, and what skopeo finds; of the newest runtime images docker too", async () => {
    // buildah pulled them for the READMEs, dev images too.
    const docker = await dockerPuller();
    const differing: string[] = [];
    try {
      // Images of one branch share their large layers.
      for (const targets of byBranch(catalog.targets.filter(({ name }) => digests.has(name)))) {
        for (const target of targets) {
          const isPulled = newest.has(target.name) && target.variant === "runtime";
          const found = await digestsOf(target, world, isPulled ? [docker] : []);
          const expected = digests.get(target.name);
          if (found.some((digest) => digest !== expected)) {
            differing.push(`${target.name}: ${expected} was tested, found ${found.join(" ")}`);
          }
        }
        await docker.clear();
      }
    } finally {
      await docker.close();
    }
    expect(differing).toEqual([]);
  });

  it("gives the same digests in another clone with another clock, the newest of each image or of two", async () => {
    const again = [...newest].filter((name) => SOAK || AGAIN.includes(name.replace(/:.*/, "")));
    const clone = await OtherClone.open();
    try {
      const result = await clone.birdhouse(
        world,
        BUILDING,
        "build",
        "--json",
        "--engine",
        "buildah",
        ...again,
      );
      expect(result.stdout, result.stderr).toMatch(/^\{/);
      const { outcomes } = JSON.parse(result.stdout) as Document;
      expect(Object.fromEntries(outcomes.map(({ target, digest }) => [target, digest]))).toEqual(
        Object.fromEntries([...digests].filter(([target]) => again.includes(target))),
      );
      expect(result.exitCode).toBe(0);
    } finally {
      await clone.close();
    }
  });
});

/** A catalog names the newest version of an image first. */
function newestOf(releases: readonly Release[], published: ReadonlySet<string>): Release[] {
  const there = releases.filter(({ runtime }) => published.has(runtime.name));
  return there.filter(({ image }, index) => there.findIndex((other) => other.image === image) === index);
}

function byBranch(targets: readonly Target[]): Target[][] {
  return [...new Set(targets.map(({ branch }) => branch))].map((branch) =>
    targets.filter((target) => target.branch === branch),
  );
}

/** What the registry says that a target is, then skopeo, then whoever pulls it. */
async function digestsOf(target: Target, world: World, pullers: readonly Puller[]): Promise<string[]> {
  const tag = tagFor(target.variant, target.version);
  const reference = `${world.namespace}/${target.image}:${tag}`;
  const head = await world.registry.headManifest(`test/${target.image}`, tag);
  const format = ["--tls-verify=false", "--format", "{{.Digest}}"];
  const { stdout } = await run(["skopeo", "inspect", "--no-tags", ...format, `docker://${reference}`]);
  const pulled = await Promise.all(pullers.map((puller) => puller.pull(reference)));
  return [head?.digest ?? "none", stdout.trim(), ...pulled];
}
