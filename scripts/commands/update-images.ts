import type { RenderedFiles } from "../render/files.ts";
import { differencesOf, renderAll, writeRendering } from "../render/rendering.ts";
import { loadReadmeTemplates } from "../render/templates.ts";
import { count } from "../report/format.ts";
import { TEMPLATES } from "./paths.ts";
import type { Session } from "./session.ts";

/** What is built is what images/ says: a catalog edited and not yet rendered is rendered now. */
export async function updateImages(
  { images, listener, written }: Pick<Session, "images" | "listener" | "written">,
  dockerfiles: RenderedFiles,
): Promise<void> {
  const rendering = await renderAll(written, images, dockerfiles, await loadReadmeTemplates(TEMPLATES));
  const differences = await differencesOf(rendering);
  if (differences.length === 0) return;
  await writeRendering(rendering, differences);
  listener({ type: "note", text: `${count(differences.length, "file")} rendered anew` });
}
