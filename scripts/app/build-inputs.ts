import { join } from "node:path";
import type { Target } from "../model/target.ts";
import { dockerfileOf, type RenderedFiles, renderCatalog, writeFiles } from "../render/files.ts";
import { differencesOf, renderAll, writeRendering } from "../render/rendering.ts";
import { loadReadmeTemplates, loadTemplates } from "../render/templates.ts";
import { copyTree, makeScratch, removeTree } from "../system/files/files.ts";
import { count } from "../system/shown/format.ts";
import { templateFolders } from "./paths.ts";
import type { Session } from "./session.ts";

/** Checks that rendering can write, before anything is changed. @throws UserError that names what is in the way */
export async function checkImages({ images, written }: Pick<Session, "images" | "written">): Promise<void> {
  const dockerfiles = renderCatalog(written, await loadTemplates(...templateFolders(written)));
  await differencesOf(
    await renderAll(written, images, dockerfiles, await loadReadmeTemplates(...templateFolders(written))),
  );
}

/** Writes images/ where the catalog was edited and not yet rendered: it must say what is built. */
export async function updateImages(
  { images, listener, written }: Pick<Session, "images" | "listener" | "written">,
  dockerfiles: RenderedFiles,
): Promise<void> {
  const rendering = await renderAll(
    written,
    images,
    dockerfiles,
    await loadReadmeTemplates(...templateFolders(written)),
  );
  const differences = await differencesOf(rendering);
  if (differences.length === 0) return;
  await writeRendering(rendering, differences);
  listener({ type: "note", text: `${count(differences.length, "file")} rendered again` });
}

/** Copies of what a run builds and tests from: what is edited meanwhile is for the next run. */
export interface Pinned {
  /** The folder of the Dockerfiles, exactly as the plan compared them. */
  readonly images: string;
  /** The folder of an example, as the catalog names it → its copy. */
  readonly examples: ReadonlyMap<string, string>;
}

/**
 * Copies what a run builds and tests from, for as long as it is used.
 * @param dockerfiles by path below `images/`; those of other targets are left out
 * @param scratch directory for it
 * @throws FileError where it cannot be written
 */
export async function withPinned<T>(
  targets: readonly Target[],
  dockerfiles: RenderedFiles,
  scratch: string,
  use: (pinned: Pinned) => Promise<T>,
): Promise<T> {
  const place = await makeScratch(scratch, "run-");
  try {
    const images = join(place, "images");
    const paths = targets.map((target) => dockerfileOf(target));
    await writeFiles(images, new Map([...dockerfiles].filter(([path]) => paths.includes(path))));
    return await use({ images, examples: await copyExamples(targets, join(place, "examples")) });
  } finally {
    await removeTree(place);
  }
}

async function copyExamples(targets: readonly Target[], place: string): Promise<Map<string, string>> {
  const folders = new Set(targets.flatMap(({ example }) => (example ? [example.directory] : [])));
  const copies = new Map<string, string>();
  for (const folder of folders) {
    const copy = join(place, String(copies.size));
    // An example that cannot be copied fails its own target, when that is tested.
    await copyTree(folder, copy).then(
      () => copies.set(folder, copy),
      () => {},
    );
  }
  return copies;
}
