import type { BuildContext } from "../build/build.ts";
import type { Built } from "../build/built.ts";
import { readBuilt } from "../build/layouts.ts";
import { readBase, readInputs, readSizes } from "../formats/annotations.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { imageIndexSchema } from "../formats/oci/types.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { ownReasons } from "../plan/reasons.ts";

/** Reasons to build again whatever lies on disk. */
const ALWAYS_ANEW: ReadonlySet<string> = new Set(["asked", "age"]);

/**
 * What an earlier run built but did not publish, where building it again would give the same. Compared as the plan
 * compares what is published: by what the image says it was made from.
 * @returns undefined where it must be built
 */
export async function reusable(
  planned: PlannedTarget,
  { layouts, reader }: Pick<BuildContext, "layouts" | "reader">,
): Promise<Built | undefined> {
  const { target, platforms, inputs, reasons, support, offered } = planned;
  if (reasons.some(({ kind }) => ALWAYS_ANEW.has(kind))) return undefined;
  // What could not be compared may have changed.
  if (!offered || offered.unknown.length > 0) return undefined;
  const built = await readBuilt(target, layouts, reader).catch(() => undefined);
  if (!built || !platforms.every((one) => built.platforms.some(({ platform }) => platform === one)))
    return undefined;
  const layout = await OciLayout.open(built.layout);
  const { annotations } = await layout.readJson(built.index, imageIndexSchema);
  const published = {
    digest: built.index.digest,
    inputs: readInputs(annotations),
    sizes: readSizes(annotations),
    base: readBase(annotations),
  };
  const anew = ownReasons({ target, inputs, published, asked: false, offered }, support, new Date());
  return anew.reasons.length + anew.held.length === 0 ? built : undefined;
}
