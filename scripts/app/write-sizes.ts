import { dirname, join } from "node:path";
import type { Published } from "../model/published.ts";
import { renderCatalog } from "../render/files.ts";
import {
  PUBLISHED_SIZES,
  publishedSizesText,
  readPublishedSizes,
  withPublished,
} from "../render/published-sizes.ts";
import { loadTemplates } from "../render/templates.ts";
import { UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import { updateImages } from "./build-inputs.ts";
import { templateFolders } from "./paths.ts";
import type { Session } from "./session.ts";

/** Told to who writes sizes in the sandbox: before anything is read. @throws UserError */
export function requireAlpine({ profile }: Pick<Session, "profile">): void {
  if (profile !== "sandbox") return;
  throw new UserError(
    "the sandbox's images are not Alpine's: READMEs would tell sizes that nobody gets",
    "leave out --write, or say it where the catalog's own images are published",
  );
}

/**
 * Writes down what published images weigh, in a file beside the catalog, and renders the READMEs that tell it.
 * @param published by the target's name; of what is not published, what the file knew of it stays
 * @returns the path of the file
 */
export async function writePublishedSizes(
  session: Pick<Session, "images" | "listener" | "written">,
  published: ReadonlyMap<string, Published | undefined>,
): Promise<string> {
  const { written } = session;
  const file = join(dirname(written.file), PUBLISHED_SIZES);
  const known = written.targets.map(({ name }) => name);
  const sizes = withPublished(await readPublishedSizes(file), published, known);
  await writeWhole(file, publishedSizesText(sizes), { follow: true });
  await updateImages(session, renderCatalog(written, await loadTemplates(...templateFolders(written))));
  return file;
}
