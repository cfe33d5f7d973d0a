import { parse, stringify } from "yaml";
import { z } from "zod";

const catalogSchema = z.looseObject({ images: z.record(z.string(), z.looseObject({})) });

/** What an image is proved by, beside its program. */
export type Proof = "checks" | "example";

/** A catalog of the same images without some of their proof, for a test that does not repeat what another one does. */
export function withoutProof(catalog: string, ...proof: readonly Proof[]): string {
  const { images, ...rest } = catalogSchema.parse(parse(catalog));
  const plain = Object.entries(images).map(([name, image]) => {
    const kept = Object.entries(image).filter(([key]) => !proof.some((one) => one === key));
    return [name, Object.fromEntries(kept)] as const;
  });
  return stringify({ ...rest, images: Object.fromEntries(plain) });
}
