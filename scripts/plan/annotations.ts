import { z } from "zod";
import { type Inputs, inputsSchema } from "./inputs.ts";

/**
 * What travels with a published image, as annotations of its index. The registry is the memory: any machine
 * can make the next plan from these.
 */
const INPUTS = "birdhouse.inputs";

const jsonText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
});

/** The inputs as an annotation. */
export function inputsAnnotation(inputs: Inputs): Record<string, string> {
  return { [INPUTS]: JSON.stringify(inputs) };
}

/** The inputs that an image says it was made from; undefined when it says nothing that can be read. */
export function readInputs(annotations: Readonly<Record<string, string>> | undefined): Inputs | undefined {
  const parsed = jsonText.pipe(inputsSchema).safeParse(annotations?.[INPUTS]);
  return parsed.success ? parsed.data : undefined;
}
