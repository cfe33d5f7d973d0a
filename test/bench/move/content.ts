import { collectImage, ExportContent } from "../../../scripts/transfer/collect.ts";
import type { Workshop } from "./workshop.ts";

/**
 * What the images of a workshop are made of in the registry, with what is attached to them.
 * @returns digest → bytes
 */
export async function contentOf(shop: Workshop, namespace: string): Promise<Map<string, number>> {
  const { registry } = shop;
  const contents = new ExportContent();
  for (const { target } of shop.targets) {
    const repository = `${namespace}/${target.image}`;
    const tag = target.name.slice(target.image.length + 1);
    const head = await registry.headManifest(repository, tag);
    if (!head) throw new Error(`${target.name} is not published`);
    await collectImage({ registry, repository, contents }, target.name, head.digest, [tag], []);
  }
  return new Map([
    ...[...contents.documents].map(([digest, { length }]) => [digest, length] as const),
    ...[...contents.blobs].map(([digest, { size }]) => [digest, size] as const),
  ]);
}
