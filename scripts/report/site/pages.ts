import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import Handlebars from "handlebars";
import { shown, shownIn } from "../../system/shown/output.ts";
import { readStyle } from "../html/load-page.ts";
import { apiFiles } from "./api.ts";
import { reasonsIn } from "./builds.ts";
import { docPages } from "./docs.ts";
import { KEY_FILE, ROOT_FILE } from "./documents.ts";
import { feedsOf } from "./feed.ts";
import { frontView } from "./front.ts";
import { imageView } from "./image.ts";
import { imagesOf } from "./images.ts";
import { searchScript } from "./search.ts";
import type { Site } from "./site.ts";
import { statusView } from "./status-page.ts";
import { momentOf, pageOf } from "./words.ts";

const PAGES = ["front", "image", "status", "doc", "docs"] as const;

/** Files below the site's folder: path and text, one after the other. */
export type SiteFiles = Generator<readonly [path: string, text: string]>;

/**
 * What makes the pages of a site. They need nothing but each other: no server, no other host, and where scripts do not run
 * all but the search and the filters is there. Texts come from programs, servers and strangers: they are cleaned here, and
 * escaped by the templates.
 * @param templates the directory of the pages' templates, `partials/`, `site.css` and `site.js`
 */
export async function loadSitePages(templates: string): Promise<(site: Site) => SiteFiles> {
  const handlebars = Handlebars.create();
  handlebars.registerHelper("is", (one: unknown, other: unknown) => one === other);
  const partials = join(templates, "partials");
  for (const file of await readdir(partials)) {
    handlebars.registerPartial(basename(file, ".hbs"), await readFile(join(partials, file), "utf8"));
  }
  // Strict: a name that a view does not have is an error. No indent: white space within <pre> is seen.
  const options = { strict: true, preventIndent: true };
  const read = async (name: string) =>
    handlebars.compile<object>(await readFile(join(templates, `${name}.hbs`), "utf8"), options);
  const compiled = new Map(await Promise.all(PAGES.map(async (name) => [name, await read(name)] as const)));
  const style = await readStyle(templates, "site.css");
  const script = await readFile(join(templates, "site.js"), "utf8");
  const render = (name: (typeof PAGES)[number], view: object) => compiled.get(name)?.(view) ?? "";
  return (site) => siteFiles(site, render, { style, script });
}

type Render = (name: (typeof PAGES)[number], view: object) => string;

/** All files of a site but the documents, accounts and pictures, which are copied. */
function* siteFiles(site: Site, render: Render, own: { style: string; script: string }): SiteFiles {
  const images = imagesOf(site);
  const reasons = reasonsIn(site.runs.map(({ summary }) => summary));
  const docs = docPages(site.docs, new Set(images.map(({ name }) => name)));
  const frame = frameOf(site, docs.length > 0);
  const page = (name: (typeof PAGES)[number], path: string, title: string, view: object) => {
    const root = path.includes("/") ? "../" : "";
    return [path, render(name, shownIn({ ...frame, ...view, root, title, page: name }))] as const;
  };
  yield ["site.css", own.style];
  yield ["site.js", own.script];
  yield ["search.js", searchScript(images, docs)];
  yield page("front", "index.html", "Images", { front: frontView(site, images) });
  yield page("status", "status.html", "Status", { status: statusView(site) });
  for (const image of images) {
    yield page("image", pageOf(image.name), image.title, { image: imageView(site, image, reasons) });
  }
  if (docs.length > 0) yield page("docs", "docs/index.html", "Documentation", { docs: docList(docs) });
  for (const doc of docs) yield page("doc", doc.href, doc.title, { doc, docs: docList(docs) });
  if (site.verification?.kind === "key" && site.verification.publicKey !== undefined) {
    yield [KEY_FILE, site.verification.publicKey];
  }
  if (site.verification?.trustedRoot !== undefined) yield [ROOT_FILE, site.verification.trustedRoot];
  yield* apiFiles(site, images, reasons);
  yield* feedsOf(site, images, reasons);
}

function docList(docs: readonly { readonly href: string; readonly title: string }[]) {
  return docs.map(({ href, title }) => ({ href: href.replace(/^docs\//, ""), title }));
}

/** What stands around each page. */
function frameOf({ catalog, readAt, version, isSandbox }: Site, hasDocs: boolean) {
  return {
    registry: catalog.registry,
    readAt: readAt.toISOString(),
    moment: momentOf(readAt),
    birdhouse: shown(version),
    isSandbox,
    hasDocs,
    ...sourcesOf(momentOf(readAt)),
  };
}

/** Where the numbers of a section come from, and of when they are. */
function sourcesOf(moment: string) {
  return {
    asked: `As the registry answered, ${moment}.`,
    byConfig: `By the configurations of the images in the registry, ${moment}; shell and package manager by the catalog.`,
    bySizes:
      "Of runtime's heaviest platform, compressed: by the builds that its history remembers, each as its index says of itself.",
    byHistory: "By the history beside each tag, what each index says of itself, and the accounts of runs.",
    byPackages: `Of the heaviest platform, by its index; licences by its SBOM. ${moment}.`,
    byCatalog: `By the catalog, ${moment}.`,
    byPlan: `By comparing the registry with the catalog and with what Alpine offers, ${moment}.`,
    byRuns: "As this machine remembers them.",
  };
}
