import { z } from "zod";
import type { Issue } from "./explain.ts";
import type { CatalogSource, Path } from "./source.ts";

/** What must be said unless it is taken over from what is extended, by where it belongs. */
const NEEDED = {
  catalog: ["registry", "platforms", "sources"],
  image: ["description", "package", "versions", "smoke"],
  version: ["branch"],
} as const;

const imagesShape = z.object({ images: z.record(z.string(), z.unknown()) });
const versionsShape = z.object({ versions: z.record(z.string(), z.unknown()) });

/**
 * The keys that lack where nothing is extended, in the form of zod's own issues. The schema cannot demand
 * them: whether they are needed depends on the `extends` beside them.
 */
export function missingIssues(source: CatalogSource): Issue[] {
  if (!isMapping(source.data)) return [];
  const images = imagesShape.safeParse(source.data).data?.images ?? {};
  return [
    ...lacking(source, [], NEEDED.catalog),
    ...Object.entries(images)
      .filter(([name, image]) => isMapping(image) && !source.has(["images", name, "extends"]))
      .flatMap(([name, image]) => [
        ...lacking(source, ["images", name], NEEDED.image),
        ...Object.entries(versionsShape.safeParse(image).data?.versions ?? {})
          .filter(([, version]) => isMapping(version))
          .flatMap(([version]) => lacking(source, ["images", name, "versions", version], NEEDED.version)),
      ]),
  ];
}

function lacking(source: CatalogSource, path: Path, keys: readonly string[]): Issue[] {
  if (source.has([...path, "extends"])) return [];
  return keys
    .filter((key) => !source.has([...path, key]))
    .map((key) => ({
      code: "invalid_type",
      expected: "string",
      input: undefined,
      path: [...path, key],
      message: "",
    }));
}

function isMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
