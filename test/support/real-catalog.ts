import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const looseCatalog = z.looseObject({
  images: z.record(
    z.string(),
    z.looseObject({ title: z.unknown(), description: z.unknown(), runtime: z.unknown().optional() }),
  ),
  defaults: z.looseObject({}),
  branches: z.record(z.string(), z.looseObject({})),
});

/** Where a catalog takes from and publishes to. */
export interface Places {
  readonly registry: string;
  readonly base: string;
  readonly packages: string;
}

/**
 * Images of the project's own catalog, as far as Alpine's install medium of 3.19 goes: their runtimes as they are, and
 * a dev image without a compiler. What gives such an image its version is therefore Alpine's release.
 * @param file the project's catalog
 * @param smoke image → its smoke test, for a dev image without a compiler
 */
export function realCatalog(
  file: string,
  { registry, base, packages }: Places,
  smoke: Readonly<Record<string, object>>,
): string {
  const catalog = looseCatalog.parse(parse(readFileSync(file, "utf8")));
  const images = Object.entries(smoke).map(([name, test]) => {
    const image = catalog.images[name];
    if (!image) throw new Error(`${file}: there is no image ${name}`);
    const { title, description, runtime } = image;
    const versions = { "3.19": { branch: "3.19" } };
    const dev = { packages: ["alpine-release~{{version}}"] };
    const own = { package: "alpine-release", versions, runtime, dev, smoke: test };
    return [name, { title, description, ...own }] as const;
  });
  const { "3.19": branch } = catalog.branches;
  return JSON.stringify({
    registry,
    platforms: ["linux/amd64"],
    sources: { base, packages },
    branches: { "3.19": { ...branch, eol: "2099-11-01" } },
    defaults: { ...catalog.defaults, dev: { packages: ["openssl"] } },
    images: Object.fromEntries(images),
  });
}
