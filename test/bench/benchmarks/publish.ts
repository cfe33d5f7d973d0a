import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { layoutsOf } from "../../../scripts/app/paths.ts";
import { layoutOf } from "../../../scripts/build/layouts.ts";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { selectTargets } from "../../../scripts/catalog/targets/select.ts";
import { openLocalRegistry } from "../../../scripts/registry/local.ts";
import { Cleanup } from "../../../scripts/system/ending.ts";
import { run } from "../../../scripts/system/process/process.ts";
import { freePort, World } from "../../support/world.ts";
import { childFile, runNode, TYPESCRIPT } from "../child.ts";
import { NAMESPACES } from "../move/catalog.ts";
import { contentOf } from "../move/content.ts";
import { AFTER, writeRepository } from "../move/packages.ts";
import { openWorkshop } from "../move/workshop.ts";
import type { Benchmark, Result } from "../result.ts";
import { timed } from "../timing.ts";
import { rebuild } from "./rebuild.ts";

/** Images of the project's own catalog: of all their versions, what the sandbox can build. */
const IMAGES = (process.env.BIRDHOUSE_BENCH_IMAGES ?? "static node python perl lua").split(" ");
const FASTER = 1.5;

/** Of the catalog in which a package moves: each is two images. */
const VERSIONS = 6;
/** Requests have headers; tags, histories and the lock are written, too; and a plan is made first. */
const OVERHEAD = 1.1;
const MB = 1_000_000;

/** A tested image on disk, and where it is to go. */
interface Cargo {
  readonly layout: string;
  readonly repository: string;
  readonly tag: string;
}

/** A cold publish beside `buildah push` of the same images one by one, and a publish after one package has moved. */
export const publishBenchmark: Benchmark = {
  name: "publish",
  title: `a cold publish of ${IMAGES.join(", ")}`,
  async run(note) {
    const cleanup = new Cleanup();
    try {
      const world = await World.open("");
      cleanup.add(() => world.close());
      const cargo = await build(world, note);
      note(`${cargo.length} images, each way into an empty registry`);
      return [await compare(cargo, world, cleanup), ...(await republish(cleanup, note))];
    } finally {
      await cleanup.run();
    }
  },
};

async function build(world: World, note: (text: string) => void): Promise<Cargo[]> {
  const file = world.path("catalog.yaml");
  await cp("catalog.yaml", file);
  await cp("examples", world.path("examples"), { recursive: true });
  note("building");
  const { document } = await world.json("build", ...IMAGES, "--engine", "buildah");
  const built = new Set(document.outcomes.flatMap(({ status, target }) => (status === "done" ? target : [])));
  const targets = selectTargets((await loadCatalog(file)).targets, IMAGES);
  const layouts = layoutsOf(file, world.path("state"));
  return targets
    .filter(({ name }) => built.has(name))
    .map((target) => ({
      layout: layoutOf(layouts, target),
      repository: `bench/${target.image}`,
      tag: target.name.slice(target.image.length + 1),
    }));
}

async function compare(cargo: readonly Cargo[], world: World, cleanup: Cleanup): Promise<Result> {
  const ours = await emptyRegistry(world, "ours", cleanup);
  const words = cargo.flatMap(({ layout, repository, tag }) => [layout, repository, tag]);
  const { workMs = 0 } = await runNode([...TYPESCRIPT, childFile("publish.ts"), ours, ...words]);
  const theirs = await emptyRegistry(world, "theirs", cleanup);
  const store = ["--root", world.path("store"), "--runroot", world.path("run")];
  const links = world.path("links");
  await mkdir(links);
  const ids: string[] = [];
  for (const [index, { layout }] of cargo.entries()) {
    // buildah names an image after its layout's path, and not every path makes a name.
    await symlink(layout, join(links, `image-${index}`));
    const argv = ["buildah", ...store, "pull", "--quiet", `oci:image-${index}`];
    ids.push((await run(argv, { cwd: links })).stdout.trim());
  }
  cleanup.add(() => run(["buildah", ...store, "rmi", "--all", "--force"]));
  const buildahMs = await timed(async () => {
    for (const [index, { repository, tag }] of cargo.entries()) {
      const destination = `docker://${theirs}/${repository}:${tag}`;
      await run([
        "buildah",
        ...store,
        "push",
        "--quiet",
        "--tls-verify=false",
        ids[index] ?? "",
        destination,
      ]);
    }
  });
  return {
    benchmark: "publish",
    what: `cold publish of ${cargo.length} images`,
    unit: "ms",
    measured: workMs,
    against: { what: "buildah push, one by one", value: buildahMs },
    allowed: 1 / FASTER,
  };
}

/** One package moves: what is sent then, beside what is new in the registry by that, and beside all that is in it. */
async function republish(cleanup: Cleanup, note: (text: string) => void): Promise<Result[]> {
  const shop = await openWorkshop(VERSIONS, 1, cleanup, note);
  note(`publishing ${shop.targets.length} tiny images, and again after one package has moved`);
  await rebuild(shop);
  const before = await contentOf(shop, NAMESPACES.rebuild);
  await writeRepository(shop.mirror, AFTER);
  const start = await shop.meter.ask();
  const touched = await rebuild(shop);
  const sent = (await shop.meter.ask()) - start;
  const after = await contentOf(shop, NAMESPACES.rebuild);
  const added = [...after].filter(([digest]) => !before.has(digest));
  const what = `republish of ${touched.length} images after one package moved: sent`;
  const line = { benchmark: "publish", what, unit: "MB", measured: sent / MB } as const;
  return [
    { ...line, against: { what: "what is new by that", value: bytesOf(added) / MB }, allowed: OVERHEAD },
    { ...line, against: { what: "all that there is", value: bytesOf([...after]) / MB } },
  ];
}

function bytesOf(content: readonly (readonly [digest: string, bytes: number])[]): number {
  return content.reduce((sum, [, bytes]) => sum + bytes, 0);
}

async function emptyRegistry(world: World, name: string, cleanup: Cleanup): Promise<string> {
  const host = `127.0.0.1:${await freePort()}`;
  const directory = join(world.directory, name);
  cleanup.add(await openLocalRegistry({ host, directory, note: () => {} }));
  return host;
}
