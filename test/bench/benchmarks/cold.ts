import { cp } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { z } from "zod";
import { imagesBeside, layoutsOf } from "../../../scripts/app/paths.ts";
import { layoutOf } from "../../../scripts/build/layouts.ts";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { isAttestation } from "../../../scripts/formats/oci/attestation.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { STAGES } from "../../../scripts/model/run.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { Cleanup } from "../../../scripts/system/ending.ts";
import type { run } from "../../../scripts/system/process/process.ts";
import { ensureTools } from "../../../scripts/system/process/tools.ts";
import { sum } from "../../../scripts/system/sum.ts";
import { World } from "../../support/world.ts";
import { apkoCost } from "../cold/apko.ts";
import { floorOf, type Layer } from "../cold/floor.ts";
import { type Cost, measured } from "../cold/measured.ts";
import { openBuildLoop } from "../move/build-all.ts";
import type { Benchmark, Result } from "../result.ts";
import { timed } from "../timing.ts";

/** Images of the project's own catalog: of all their versions, what the sandbox can build. `all` is every image. */
const IMAGES = (process.env.BIRDHOUSE_BENCH_IMAGES ?? "static lua python node").split(" ");

/** What is allowed: of the loop's wall clock, with smoke tests that the loop has none of; and of the floor's processors. */
const OF_LOOP = 0.55;
const OF_FLOOR = 2;

const documentSchema = z.object({
  outcomes: z.array(
    z.object({
      target: z.string(),
      status: z.string(),
      seconds: z.record(z.enum(STAGES), z.number()).optional(),
    }),
  ),
});
type Outcomes = z.infer<typeof documentSchema>["outcomes"];

/** A machine that has built nothing yet, beside a loop over the same Dockerfiles and beside the least that is to be done. */
export const coldBenchmark: Benchmark = {
  name: "cold",
  title: `a first rebuild of ${IMAGES.join(", ")}`,
  async run(note) {
    const cleanup = new Cleanup();
    try {
      // What the floor and the loop are made with: found missing at the end, it would have cost minutes.
      await ensureTools(["buildah", "skopeo"], { onProgress: note });
      const world = await World.open("");
      cleanup.add(() => world.close());
      await cp("catalog.yaml", world.path("catalog.yaml"));
      await cp("examples", world.path("examples"), { recursive: true });
      await world.startRegistry();
      await world.startMirror();
      return await compare(world, cleanup, note);
    } finally {
      await cleanup.run();
    }
  },
};

async function compare(world: World, cleanup: Cleanup, note: (text: string) => void): Promise<Result[]> {
  const catalog = world.path("catalog.yaml");
  const words = IMAGES.includes("all") ? [] : IMAGES;
  note("rebuild");
  const rebuilt = await birdhouse(world, "rebuild", words);
  const done = new Set(rebuilt.outcomes.map(({ target }) => target));
  const targets = (await loadCatalog(catalog)).targets.filter(({ name }) => done.has(name));
  note(`build, of ${targets.length} targets`);
  // What was built before is no help: only the smoke tests believe it.
  const built = await birdhouse(world, "build", words);
  const runtimes = targets.filter(({ variant }) => variant === "runtime");
  const names = runtimes.map(({ name }) => name);
  note(`build, of ${names.length} runtime images alone`);
  const runtime = (await birdhouse(world, "build", names)).cost;
  note("apko");
  const apko = await apkoCost(runtimes, world, world.path("apko"));
  if (!apko) note("apko is not to be had here: make peers compiles it, with Go");
  note("the loop");
  const loop = await runLoop(world, targets, cleanup);
  note("the floor");
  const layers = await layersOf(world, targets);
  const floor = await floorOf(layers, world.path("floor"), `docker://${world.registryHost}/floor/all:1`);
  const beside = apko && { runtime, apko, images: runtimes.length };
  return [...resultsOf({ rebuilt, built, loop, floor, layers: layers.length }), ...apkoResults(beside)];
}

async function birdhouse(world: World, command: string, words: readonly string[]) {
  const { result, cost } = await measured(
    world.commandLine(command, "--json", "--engine", "buildah", ...words),
  );
  const { outcomes } = documentSchema.parse(JSON.parse(result.stdout));
  const failed = outcomes.filter(({ status }) => status !== "done").map(({ target }) => target);
  if (failed.length > 0) throw new Error(`not built: ${failed.join(", ")}`);
  return { cost, outcomes };
}

/** `buildah build` and `buildah push` of every Dockerfile, as many at once as there are processors. */
async function runLoop(world: World, targets: readonly Target[], cleanup: Cleanup): Promise<Cost> {
  const argsOf = ({ branch }: Target) => [
    ...["--build-arg", `BASE=${world.registryHost}/sandbox/alpine:${branch}`],
    ...["--build-arg", `MIRROR=http://127.0.0.1:${world.mirrorPort}`],
  ];
  let processor = 0;
  const runner: typeof run = async (argv) => {
    const { result, cost } = await measured(argv);
    processor += cost.processor;
    return result;
  };
  const images = imagesBeside(world.path("catalog.yaml"));
  const how = { argsOf, run: runner };
  const loop = await openBuildLoop(images, world.registryHost, availableParallelism(), cleanup, how);
  const tagged = targets.map((target) => ({ target, tags: [target.name.slice(target.image.length + 1)] }));
  const ms = await timed(() => loop.run(tagged, false, ["loop"]));
  return { seconds: ms / 1000, processor };
}

/** The layers of what was built, each once. */
async function layersOf(world: World, targets: readonly Target[]): Promise<Layer[]> {
  const layers = new Map<string, Layer>();
  for (const target of targets) {
    const layouts = layoutsOf(world.path("catalog.yaml"), world.path("state"));
    const layout = await OciLayout.open(layoutOf(layouts, target));
    const { manifests } = await layout.readImageIndex(await layout.root());
    for (const one of manifests.filter((manifest) => !isAttestation(manifest))) {
      const { layers: those } = await layout.readManifest(one);
      for (const descriptor of those) layers.set(descriptor.digest, { layout, descriptor });
    }
  }
  return [...layers.values()];
}

/** apko makes no Dockerfile's steps, and so has no engine to start: what a runtime image takes beyond it is told. */
function apkoResults(
  beside: { readonly runtime: Cost; readonly apko: Cost; readonly images: number } | undefined,
): Result[] {
  if (!beside) return [];
  const { runtime, apko, images } = beside;
  const line = { benchmark: "cold", unit: "s" } as const;
  const what = `apko, of ${images} images`;
  return [
    {
      ...line,
      what: "cold: wall clock, build of runtime images",
      measured: runtime.seconds,
      against: { what, value: apko.seconds },
    },
    {
      ...line,
      what: "cold: processors, build of runtime images",
      measured: runtime.processor,
      against: { what, value: apko.processor },
    },
  ];
}

interface Figures {
  readonly rebuilt: { readonly cost: Cost; readonly outcomes: Outcomes };
  readonly built: { readonly cost: Cost; readonly outcomes: Outcomes };
  readonly loop: Cost;
  readonly floor: Cost;
  readonly layers: number;
}

function resultsOf({ rebuilt, built, loop, floor, layers }: Figures): Result[] {
  const line = { benchmark: "cold", unit: "s" } as const;
  const all = `the loop, of ${rebuilt.outcomes.length} targets`;
  const least = `the floor, of ${layers} layers`;
  const stages = STAGES.map((stage) => ({
    ...line,
    what: `cold: ${stage}, summed over targets`,
    measured: sum(rebuilt.outcomes.map(({ seconds }) => seconds?.[stage] ?? 0)),
    against: { what: "rebuild: wall clock", value: rebuilt.cost.seconds },
  }));
  return [
    {
      ...line,
      what: "cold: wall clock, tests included",
      measured: rebuilt.cost.seconds,
      against: { what: all, value: loop.seconds },
      allowed: OF_LOOP,
    },
    {
      ...line,
      what: "cold: processors, tests included",
      measured: rebuilt.cost.processor,
      against: { what: all, value: loop.processor },
    },
    {
      ...line,
      what: "cold: processors, of build alone",
      measured: built.cost.processor,
      against: { what: least, value: floor.processor },
      allowed: OF_FLOOR,
    },
    ...stages,
  ];
}
