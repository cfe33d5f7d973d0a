import { realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { z } from "zod";
import { VARIANTS } from "../../model/target.ts";
import type { CatalogProblem } from "../text/problems.ts";
import { type CatalogSource, imagesIn, type Path } from "../text/source.ts";
import type { ParentPlace } from "./parent.ts";

/** A file or a folder that a catalog names. */
interface NamedFile {
  readonly path: Path;
  readonly name: string;
  /** Whether what is in it comes into images. */
  readonly isContent: boolean;
}

const text = z.string().optional().catch(undefined);
const shape = z.object({
  extends: text,
  templates: text,
  certificates: z.array(text).optional().catch(undefined),
  repositories: z
    .record(z.string(), z.object({ keys: text }).catch({}))
    .optional()
    .catch(undefined),
  sources: z.object({ keys: text, releases: text }).optional().catch(undefined),
  sign: z
    .object({
      key: text,
      sigstore: z.object({ signingConfig: text, trustedRoot: text }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  ecr: z.object({ repositoryPolicy: text }).optional().catch(undefined),
});
const variantShape = z
  .object({ files: z.record(z.string(), z.object({ from: text }).catch({})).catch({}) })
  .catch({ files: {} });
const imageShape = z.object({ runtime: variantShape, dev: variantShape });

/**
 * Where a catalog that others extend names files that it may not: one at an address any at all, as they are not covered
 * by its digest; another one what lies outside of its own folder and would come into images, for whoever writes a
 * catalog is not to choose among the files of whoever extends it. Nothing of them is read here.
 */
export function problemsOfReach(source: CatalogSource, { kind }: ParentPlace): CatalogProblem[] {
  const folder = dirname(source.file);
  const files = namedFiles(source);
  const wrong =
    kind === "address" ? files : files.filter(({ name, isContent }) => isContent && isOutside(folder, name));
  const why =
    kind === "address"
      ? "a catalog at an address can name no files, as its digest does not cover them; it can write out what is in them, or be extended as a file"
      : `this lies outside of ${folder}, the folder of a catalog that others extend; move it there`;
  return wrong.map(({ path, name }) => ({
    file: source.file,
    ...source.valueAt(path),
    subject: name,
    message: why,
  }));
}

function namedFiles(source: CatalogSource): NamedFile[] {
  const named = shape.safeParse(source.data).data ?? {};
  const files: NamedFile[] = [];
  const add = (path: Path, name: string | undefined, isContent: boolean) => {
    // What has a scheme is an address, a variable or a key of a service.
    if (name !== undefined && name !== "" && !/^[a-z][\w+.-]*:\/\//i.test(name))
      files.push({ path, name, isContent });
  };
  if (named.extends !== "birdhouse") add(["extends"], named.extends, false);
  add(["templates"], named.templates, true);
  for (const [index, name] of (named.certificates ?? []).entries()) add(["certificates", index], name, true);
  for (const [name, { keys }] of Object.entries(named.repositories ?? {})) {
    add(["repositories", name, "keys"], keys, true);
  }
  add(["sources", "keys"], named.sources?.keys, false);
  add(["sources", "releases"], named.sources?.releases, false);
  add(["sign", "key"], named.sign?.key, false);
  for (const [name, file] of Object.entries(named.sign?.sigstore ?? {})) {
    add(["sign", "sigstore", name], file, false);
  }
  add(["ecr", "repositoryPolicy"], named.ecr?.repositoryPolicy, false);
  for (const [name, image] of Object.entries(imagesIn(source.data))) {
    const variants = imageShape.safeParse(image).data;
    for (const variant of VARIANTS) {
      for (const [path, { from }] of Object.entries(variants?.[variant].files ?? {})) {
        add(["images", name, variant, "files", path, "from"], from, true);
      }
    }
  }
  return files;
}

/** Whether a path leads out of a folder, by its words or by a symbolic link. */
function isOutside(folder: string, name: string): boolean {
  const path = resolve(folder, name);
  const leaves = (from: string, to: string) => {
    const way = relative(from, to);
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  };
  if (leaves(resolve(folder), path)) return true;
  try {
    return leaves(realpathSync(folder), realpathSync(path));
  } catch {
    // It is not there: that is told of where it is read.
    return false;
  }
}
