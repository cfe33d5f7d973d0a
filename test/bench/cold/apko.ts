import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import type { Target } from "../../../scripts/model/target.ts";
import { sum } from "../../../scripts/system/sum.ts";
import { apkoBuild, apkoPeer, writeApkoFile } from "../../support/apko.ts";
import type { World } from "../../support/world.ts";
import { timed } from "../timing.ts";
import { type Cost, measured } from "./measured.ts";

/**
 * What apko takes for the packages of runtime images, as many at once as there are processors. It makes an image of them
 * in an OCI layout, with nothing of a template and no test.
 * @param directory for what is made; it need not exist
 * @returns undefined where there is no apko: `make peers` compiles it, with Go
 */
export async function apkoCost(
  runtimes: readonly Target[],
  world: World,
  directory: string,
): Promise<Cost | undefined> {
  const apko = await apkoPeer();
  if (!apko) return undefined;
  const limit = pLimit(availableParallelism());
  const costs: Cost[] = [];
  const build = async ({ branch, world: packages }: Target, index: number) => {
    const at = (ending: string) => join(directory, `${index}${ending}`);
    const [file, layout, home] = [at(".yaml"), at("-layout"), at("-home")];
    for (const one of [layout, home]) await mkdir(one, { recursive: true });
    await writeApkoFile(file, { branch, packages }, world);
    // What it keeps of packages and indexes is for the next time, and there is none here.
    const words = ["env", `HOME=${home}`, `TMPDIR=${directory}`, ...apkoBuild(apko, file, layout)];
    costs.push((await measured(words)).cost);
  };
  const ms = await timed(() => Promise.all(runtimes.map((one, index) => limit(() => build(one, index)))));
  return { seconds: ms / 1000, processor: sum(costs.map(({ processor }) => processor)) };
}
