import { type RenderedFiles, renderCatalog } from "../render/files.ts";
import { differencesOf, renderAll, writeRendering } from "../render/rendering.ts";
import { loadReadmeTemplates, loadTemplates } from "../render/templates.ts";
import { count } from "../system/shown/format.ts";
import { TEMPLATES } from "./paths.ts";
import type { Session } from "./session.ts";

/** Checks that rendering can write, before anything is changed. @throws UserError that names what is in the way */
export async function checkImages({ images, written }: Pick<Session, "images" | "written">): Promise<void> {
  const dockerfiles = renderCatalog(written, await loadTemplates(TEMPLATES));
  await differencesOf(await renderAll(written, images, dockerfiles, await loadReadmeTemplates(TEMPLATES)));
}

/** Writes images/ where the catalog was edited and not yet rendered: it must say what is built. */
export async function updateImages(
  { images, listener, written }: Pick<Session, "images" | "listener" | "written">,
  dockerfiles: RenderedFiles,
): Promise<void> {
  const rendering = await renderAll(written, images, dockerfiles, await loadReadmeTemplates(TEMPLATES));
  const differences = await differencesOf(rendering);
  if (differences.length === 0) return;
  await writeRendering(rendering, differences);
  listener({ type: "note", text: `${count(differences.length, "file")} rendered again` });
}
