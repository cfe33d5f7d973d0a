import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { findInside, type Site, type SiteAnswer } from "../serve.ts";
import { hexDigest } from "./archives.ts";
import { ORIGIN } from "./ecosystem.ts";

const TEMPLATE = ".template";
/** A folder is served as what it has of these. */
const INDEXES = ["index.html", "index.json"];
/** pip reads no index that does not say that it is HTML. */
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".json": "application/json" };

/** The files of the languages' registries: templates with the server's address in them, folders by their index. */
export function registriesSite(directory: string): Site {
  return async (path, origin) => {
    const names = path.endsWith("/") ? [] : [path];
    const folder = path.replace(/\/?$/, "/");
    for (const name of [...names, ...INDEXES.map((index) => folder + index)]) {
      const content = await contentOf(directory, name, origin);
      if (content) return answerWith(content, TYPES[extname(name)] ?? "application/octet-stream");
    }
    return undefined;
  };
}

async function contentOf(directory: string, name: string, origin: string): Promise<Buffer | undefined> {
  const file = await findInside(directory, name);
  if (file?.stats.isFile()) return await readFile(file.path);
  const template = await findInside(directory, name + TEMPLATE);
  if (!template) return undefined;
  return Buffer.from((await readFile(template.path, "utf8")).replaceAll(ORIGIN, origin));
}

/** The files are small: they are read as a whole, and so can have the ETag that Bundler expects, their MD5. */
function answerWith(content: Buffer, type: string): SiteAnswer {
  return {
    etag: `"${hexDigest("md5", content)}"`,
    type,
    size: content.length,
    open: () => Readable.from([content]),
  };
}
