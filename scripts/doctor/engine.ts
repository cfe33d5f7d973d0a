import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../engine/choose.ts";
import type { EngineName } from "../engine/engine.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { hostPlatform } from "../model/platform.ts";
import { messageOf } from "../system/errors.ts";
import { makeScratch, removeTree, writeWhole } from "../system/files/files.ts";
import type { Check, Finding } from "./check.ts";

/**
 * Whether an engine is there, and builds: an image of one file, from nothing, so that no network has a part. All of it
 * is done in a place of its own, which goes again: what runs have in their state directory is not touched.
 */
export function engineCheck(choice: EngineName | "auto", builder?: string): Check {
  return {
    name: "engine",
    async run(signal) {
      const directory = await makeScratch(tmpdir(), "birdhouse-doctor-");
      try {
        return await tryEngine(choice, builder, directory, signal);
      } finally {
        await removeTree(directory);
      }
    },
  };
}

async function tryEngine(
  choice: EngineName | "auto",
  builder: string | undefined,
  directory: string,
  signal: AbortSignal,
): Promise<Finding> {
  const engine = await openEngine(choice, join(directory, "store"), builder);
  try {
    const dockerfile = join(directory, "Dockerfile");
    await writeWhole(dockerfile, "FROM scratch AS image\nCOPY proof /proof\n");
    await writeWhole(join(directory, "proof"), "It builds.\n");
    const layout = join(directory, "layout");
    const platform = hostPlatform();
    const fixed = { args: {}, insecureBase: false, hostNetwork: false };
    await engine.build({ name: "doctor", dockerfile, platform, layout, ...fixed, signal });
    const { manifests } = await (await OciLayout.open(layout)).readIndex();
    if (manifests.length !== 1) throw new Error("it made no image");
    return { status: "ok", found: `${engine.title}, and it builds` };
  } catch (error) {
    return {
      status: "fail",
      found: `${engine.title} cannot build: ${messageOf(error)}`,
      advice: `repeat the command by hand, or try the other engine with --engine ${other(engine.name)}`,
    };
  } finally {
    await engine.close();
  }
}

function other(name: EngineName): EngineName {
  return name === "docker" ? "buildah" : "docker";
}
