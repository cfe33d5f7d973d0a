import { cp, mkdir, mkdtemp, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Target } from "../../scripts/catalog/target.ts";
import { unmountBelow } from "../../scripts/system/mounts.ts";
import { type ProcessResult, tryRun } from "../../scripts/system/process.ts";
import { commandsOf } from "./readme.ts";
import type { World } from "./world.ts";

/**
 * Follows the README of an example to the letter, in a copy of its folder: every command in it, by a shell,
 * against the images that a world's registry holds. Only the registry's name and the version are put in place
 * of those in the README, as it tells people to do.
 *
 * @param target the version to follow it with: a runtime target that is published in the world
 */
export async function followExample(
  { image, version, example }: Target,
  world: World,
  writtenRegistry: string,
): Promise<ProcessResult> {
  if (!example) throw new Error(`${image}:${version} has no example`);
  const work = await mkdtemp(world.path("example-"));
  const app = join(work, "app");
  await cp(example.directory, app, { recursive: true });
  await mkdir(join(work, "store"));
  const commands = commandsOf(await readFile(join(example.directory, "README.md"), "utf8"))
    .replaceAll(
      new RegExp(`${writtenRegistry}/${image}:[\\d.]+`, "g"),
      `${world.namespace}/${image}:${version}`,
    )
    .replaceAll(/^cd .*\n/gm, "");
  try {
    return await tryRun(["sh", "-e"], {
      input: commands,
      cwd: app,
      env: {
        PATH: `${resolve(import.meta.dirname)}:${process.env.PATH}`,
        STORE: join(work, "store"),
        REGISTRY: world.namespace,
        VERSION: version,
      },
    });
  } finally {
    await unmountBelow(join(work, "store"));
  }
}
