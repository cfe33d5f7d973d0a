import { cp, mkdir, mkdtemp, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Target } from "../../scripts/model/target.ts";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { commandsOf } from "./readme.ts";
import { SOAK } from "./soak.ts";
import { PROJECT_STATE, type World } from "./world.ts";

const HERE = resolve(import.meta.dirname);

/** Of all test files and of later runs: what is in it is known by what it was made of. */
export const GO_CACHE = join(PROJECT_STATE, "test/go-cache");

/**
 * Follows an image's README and then its example's to the letter, in a copy of the example's folder: every
 * command in them, by a shell, against the images that a world's registry holds. Only the registry's name and
 * the version are put in place of those in the README, as it tells people to do. Who types it is user 1000.
 *
 * @param target the version to follow them with: a runtime target that is published in the world
 * @param store a folder for what is pulled: images that share layers then pull these once
 */
export async function followReadmes(
  { image, version, example }: Target,
  world: World,
  writtenRegistry: string,
  store: string,
): Promise<ProcessResult> {
  if (!example) throw new Error(`${image}:${version} has no example`);
  const work = await mkdtemp(world.path("example-"));
  const app = join(work, "app");
  await cp(example.directory, app, { recursive: true });
  await mkdir(store, { recursive: true });
  // Root may write everywhere, which is not what most people who read them are.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await run(["chown", "-R", "1000:1000", app]);
  const readmes = [join("images", image, "README.md"), join("examples", image, "README.md")];
  const texts = await Promise.all(readmes.map((readme) => readFile(readme, "utf8")));
  const typed = commandsOf(texts.join("\n"));
  const commands = (SOAK ? typed : withoutRepeats(typed))
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
        PATH: [...(isRoot ? [join(HERE, "as-user")] : []), HERE, process.env.PATH].join(":"),
        STORE: store,
        REGISTRY: world.namespace,
        VERSION: version,
        GO_CACHE,
      },
    });
  } finally {
    await unmountBelow(store);
  }
}

/** Both READMEs say how dependencies are fetched and an app is compiled: each command once, a line each as they are. */
function withoutRepeats(commands: string): string {
  return [...new Set(commands.split("\n"))].join("\n");
}
