import { resolve } from "node:path";
import { z } from "zod";
import type { OwnCertificate } from "../../model/configuration.ts";
import type { OwnRepository } from "../../model/repositories.ts";
import type { CatalogFile } from "../schema/schema.ts";
import { readCertificates } from "../text/certificates.ts";
import { readNamedFile } from "../text/contents.ts";
import { readKeyFolder } from "../text/keys.ts";
import type { CatalogProblem } from "../text/problems.ts";
import type { CatalogSource, Path } from "../text/source.ts";

/** What a catalog trusts beside Alpine, with all that is wrong with it. */
export interface OwnTrust {
  /** By the name of the file. */
  readonly certificates: Readonly<Record<string, OwnCertificate>>;
  /** By name. */
  readonly repositories: Readonly<Record<string, OwnRepository>>;
  readonly problems: readonly CatalogProblem[];
}

const text = z.string().catch("");
const shape = z.object({
  certificates: z.array(text).catch([]),
  repositories: z.record(z.string(), z.object({ keys: text }).catch({ keys: "" })).catch({}),
});

/**
 * Reads the files that a catalog names as what it trusts.
 * @param file the catalog, where its shape is right
 * @param folder that of the catalog
 */
export function readTrust(source: CatalogSource, file: CatalogFile | undefined, folder: string): OwnTrust {
  const problems: CatalogProblem[] = [];
  const tell = (path: Path, subject: string, message: string) =>
    void problems.push({ file: source.file, ...source.valueAt(path), subject, message });
  const named = shape.safeParse(source.data).data ?? { certificates: [], repositories: {} };
  const certificates: Record<string, OwnCertificate> = {};
  for (const [index, name] of named.certificates.entries()) {
    if (name === "") continue;
    const path = ["certificates", index];
    const bytes = readNamedFile(resolve(folder, name));
    const read = typeof bytes === "string" ? bytes : readCertificates(name, bytes);
    if (typeof read === "string") tell(path, name, read);
    else if (certificates[read.fileName])
      tell(path, name, `another file comes to the name ${read.fileName}; rename one`);
    else certificates[read.fileName] = read;
  }
  const keys: Record<string, OwnRepository["keys"]> = {};
  for (const [name, { keys: keyFolder }] of Object.entries(named.repositories)) {
    if (keyFolder === "") continue;
    const read = readKeyFolder(resolve(folder, keyFolder));
    if (typeof read === "string") tell(["repositories", name, "keys"], keyFolder, read);
    else keys[name] = read;
  }
  const repositories = Object.entries(file?.repositories ?? {}).map(
    ([name, { url, auth = false, branches }]) => {
      return [name, { name, url, auth, branches, keys: keys[name] ?? {} }] as const;
    },
  );
  return { certificates, repositories: Object.fromEntries(repositories), problems };
}
