import { rm } from "node:fs/promises";
import { layoutsOf } from "../../../scripts/app/paths.ts";
import { Cleanup } from "../../../scripts/system/ending.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { tryRun } from "../../../scripts/system/process/process.ts";
import { sum } from "../../../scripts/system/sum.ts";
import { buildkitPeer, startFarm } from "../../support/buildkit-farm.ts";
import { smallCatalog } from "../../support/catalogs.ts";
import type { Peer } from "../../support/peers.ts";
import { World } from "../../support/world.ts";
import type { Benchmark, Result } from "../result.ts";
import { timed } from "../timing.ts";

/** Machines that build. */
const FARMS = [1, 2, 4] as const;
/** How much of one processor each has: four of them and whoever gives them work fit on two. */
const PROCESSORS = 0.3;
/** How much the slow one has, where one of the largest farm is slow. */
const SLOW = 0.1;
/** Versions that are built, each as a pair. */
const VERSIONS = 12;

/**
 * The same builds by one machine, by two and by four, each a real BuildKit on a part of a processor and with nothing in its
 * store. A machine more shortens what machines do, and not what the one that gives them work does: so each is held against
 * what the one and the largest farm tell of the two.
 */
export const farmBenchmark: Benchmark = {
  name: "farm",
  title: `${VERSIONS * 2} images built by ${FARMS.join(", ")} machines with ${PROCESSORS} processors each`,
  async run(note) {
    const buildkitd = await buildkitPeer();
    if (!buildkitd) throw new UserError("buildkitd is not to be had here", "make peers compiles it, with Go");
    const cleanup = new Cleanup();
    try {
      const world = await World.open(catalogOf(VERSIONS));
      cleanup.add(() => world.close());
      await world.startRegistry();
      await world.startMirror();
      const runs: Run[] = [];
      for (const machines of FARMS) {
        note(`${machines} of them`);
        runs.push({ machines, ...(await buildOn(machines, buildkitd, world, () => PROCESSORS)) });
      }
      const most = Math.max(...FARMS);
      note(`${most} of them, one with ${SLOW} processors`);
      const lame = await buildOn(most, buildkitd, world, (place) => (place === 0 ? SLOW : PROCESSORS));
      return [...resultsOf(runs), ...resultsOfLame(lame, runs)];
    } finally {
      await cleanup.run();
    }
  },
};

interface Run {
  readonly machines: number;
  readonly seconds: number;
  /** Bytes to the machines and from them. */
  readonly there: number;
  readonly back: number;
  /** How many sessions were begun with each: a build has one or two. */
  readonly begun: readonly number[];
}

/** Lua under so many names: no two images are the same, and dev images stand on the same packages. Every sandbox has 3.24. */
function catalogOf(versions: number): string {
  const [head = "", lua = ""] = smallCatalog(["lua"]).split(/^(?= {2}lua:$)/m);
  const names = Array.from({ length: versions }, (_, at) => `lua-${at + 1}`);
  const one = lua.replace(/^ *"5\.1": .*\n/m, "").replace('"3.22"', '"3.24"');
  return (
    head +
    names
      .map((name) => one.replace("lua:", `${name}:`).replace("cmd: [lua]", `env: { NAME: ${name} }`))
      .join("")
  );
}

async function buildOn(
  machines: number,
  buildkitd: Peer,
  world: World,
  processors: (place: number) => number,
): Promise<Omit<Run, "machines">> {
  const farm = await startFarm(buildkitd, machines, { processors, counts: true });
  try {
    // What was built before would be taken as it lies there.
    await rm(layoutsOf(world.path("catalog.yaml"), world.path("state")), { recursive: true, force: true });
    const words = ["--engine", "docker", "--builder", "farm", "--concurrency", "4"];
    const milliseconds = await timed(async () => {
      const { exitCode, output } = await tryRun(world.commandLine("build", ...words), farm);
      if (exitCode !== 0 || !output.includes(`${VERSIONS * 2} targets done, none published, 0 failed`))
        throw new Error(output);
    });
    const moved = await Promise.all(farm.nodes.map((node) => node.moved()));
    return {
      seconds: milliseconds / 1000,
      there: sum(moved.map(({ there }) => there)),
      back: sum(moved.map(({ back }) => back)),
      begun: await Promise.all(farm.nodes.map((node) => node.begun())),
    };
  } finally {
    await farm.close();
  }
}

/**
 * What machines do at once, and what one does alone: `seconds = alone + shared / machines`, by the smallest and the largest
 * farm. The one in between was no part of it, and shows whether it is right.
 */
function resultsOf(runs: readonly Run[]): Result[] {
  const [one, between, most] = runs;
  if (!one || !between || !most) throw new Error("three farms are measured");
  const shared = (one.seconds - most.seconds) / (1 - 1 / most.machines);
  const alone = one.seconds - shared;
  const foretold = alone + shared / between.machines;
  const common = { benchmark: "farm" } as const;
  return [
    ...runs.flatMap(({ machines, seconds, there, back }): Result[] => [
      {
        ...common,
        what: `builds by ${machines}`,
        unit: "s",
        measured: seconds,
        against: { what: "by one", value: one.seconds },
      },
      {
        ...common,
        what: `sent to ${machines}, and brought back`,
        unit: "MB",
        measured: there / 1e6,
        against: { what: "brought back", value: back / 1e6 },
      },
    ]),
    {
      ...common,
      what: `of it, what no machine more shortens`,
      unit: "s",
      measured: alone,
      against: { what: "by one", value: one.seconds },
    },
    {
      ...common,
      what: `builds by ${between.machines}, as the others foretell`,
      unit: "s",
      measured: between.seconds,
      against: { what: "foretold", value: foretold },
      allowed: 1.2,
    },
  ];
}

/** One machine that is slow gets less, as it has something to do for longer; and holds up the others no more than that. */
function resultsOfLame({ seconds, begun }: Omit<Run, "machines">, runs: readonly Run[]): Result[] {
  const alike = runs.at(-1)?.seconds ?? 0;
  const [slow = 0, ...others] = begun;
  const common = { benchmark: "farm" } as const;
  return [
    {
      ...common,
      what: `builds by ${begun.length}, one of them slow`,
      unit: "s",
      measured: seconds,
      against: { what: "all alike", value: alike },
    },
    {
      ...common,
      what: "sessions of the slow one",
      unit: "requests",
      measured: slow,
      against: { what: "of another, on average", value: Math.round(sum(others) / others.length) },
      allowed: 1,
    },
  ];
}
