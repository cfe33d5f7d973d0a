import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { SiteDoc } from "../../report/site/site.ts";
import { inWords } from "../../system/files/errors.ts";

/**
 * The documentation beside a catalog: its README, and the Markdown files of `docs/`; none where there are none.
 * @param catalog path of its file
 * @throws FileError where one is there and cannot be read
 */
export async function readDocs(catalog: string): Promise<SiteDoc[]> {
  const folder = dirname(resolve(catalog));
  const names = await readdir(join(folder, "docs")).catch(() => []);
  const paths = ["README.md", ...names.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
  const docs = await Promise.all(paths.sort().map((path) => readDoc(folder, path)));
  return docs.flat();
}

async function readDoc(folder: string, path: string): Promise<SiteDoc[]> {
  const file = join(folder, path);
  try {
    return [{ path, text: await inWords("read", file, () => readFile(file, "utf8")) }];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
