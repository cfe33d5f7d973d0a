import type { ImageConfig } from "./types.ts";

type Step = NonNullable<ImageConfig["history"]>[number];

/**
 * What was run for each layer, without the engine's remarks, each layer at the step that made it. buildah commits a
 * stage at once where it keeps no layers, and notes the layer at the stage's last step, such as USER, which changes no
 * file: `docker history` would show all of the image's bytes there (image-spec 1.1, config.md, `history`). Pure.
 */
export function historyOf({ history }: Pick<ImageConfig, "history">): readonly Step[] | undefined {
  const steps = history?.map(({ comment: _, ...step }) => step);
  const full = steps?.filter(({ empty_layer }) => empty_layer !== true) ?? [];
  const [layer] = full;
  if (!steps || !layer || full.length > 1 || changesFiles(layer)) return steps;
  const maker = steps.findLast((step) => changesFiles(step));
  if (!maker) return steps;
  return steps.map((step) => {
    const { empty_layer: _, ...rest } = step;
    return step === maker ? rest : { ...rest, empty_layer: true };
  });
}

/** As buildah notes steps, and the classic builder of Docker: what has no layer is behind a `#(nop)`, but for these. */
function changesFiles({ created_by }: Step): boolean {
  const text = typeof created_by === "string" ? created_by : "";
  return !text.includes("#(nop)") || /#\(nop\) +(?:COPY|ADD) /.test(text);
}
