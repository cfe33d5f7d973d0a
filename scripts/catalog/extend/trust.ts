import { resolve } from "node:path";
import { z } from "zod";
import type { OwnCertificate } from "../../model/configuration.ts";
import { readCertificates } from "../text/certificates.ts";
import { readNamedFile } from "../text/contents.ts";
import type { CatalogProblem } from "../text/problems.ts";
import type { CatalogSource } from "../text/source.ts";

/** What a catalog trusts beside Alpine, with all that is wrong with it. */
export interface OwnTrust {
  /** By the name of the file. */
  readonly certificates: Readonly<Record<string, OwnCertificate>>;
  readonly problems: readonly CatalogProblem[];
}

const shape = z.object({
  certificates: z.array(z.string().catch("")).catch([]),
});

/**
 * Reads the files that a catalog names as what it trusts.
 * @param folder that of the catalog
 */
export function readTrust(source: CatalogSource, folder: string): OwnTrust {
  const certificates: Record<string, OwnCertificate> = {};
  const problems: CatalogProblem[] = [];
  for (const [index, file] of (shape.safeParse(source.data).data?.certificates ?? []).entries()) {
    if (file === "") continue;
    const path = ["certificates", index];
    const tell = (message: string) =>
      problems.push({ file: source.file, ...source.valueAt(path), subject: file, message });
    const bytes = readNamedFile(resolve(folder, file));
    const read = typeof bytes === "string" ? bytes : readCertificates(file, bytes);
    if (typeof read === "string") tell(read);
    else if (certificates[read.fileName]) tell(`another file comes to the name ${read.fileName}; rename one`);
    else certificates[read.fileName] = read;
  }
  return { certificates, problems };
}
