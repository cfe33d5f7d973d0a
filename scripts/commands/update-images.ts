import { compareFiles } from "../render/compare.ts";
import { type RenderedFiles, readFiles, writeFiles } from "../render/files.ts";
import { count } from "../report/format.ts";
import type { Session } from "./session.ts";

/** What is built is what images/ says: a catalog edited and not yet rendered is rendered now. */
export async function updateImages({ images, listener }: Session, rendered: RenderedFiles): Promise<void> {
  const differences = compareFiles(await readFiles(images), rendered);
  if (differences.length === 0) return;
  await writeFiles(images, rendered);
  listener({ type: "note", text: `images/: ${count(differences.length, "file")} rendered anew` });
}
