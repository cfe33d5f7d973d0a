import { posix } from "node:path";
import MarkdownIt, { type Token } from "markdown-it";
import { shown } from "../../system/shown/output.ts";
import type { SiteDoc } from "./site.ts";
import { pageOf } from "./words.ts";

/** A page of the documentation, as doc.hbs and the search take it. */
export interface DocPage {
  readonly title: string;
  /** Below the site's folder. */
  readonly href: string;
  /** HTML of ours: made of Markdown in which HTML is text. */
  readonly html: string;
  readonly sections: readonly { readonly id: string; readonly title: string; readonly text: string }[];
}

/** Raw HTML in Markdown is shown as text, and a link to a script is none. Source: markdown-it, docs/security.md */
const markdown = new MarkdownIt({ html: false, linkify: false });
// A table may be wider than a telephone: it scrolls by itself, and by keys.
markdown.renderer.rules.table_open = () => '<div class="wide" tabindex="0"><table>\n';
markdown.renderer.rules.table_close = () => "</table></div>\n";
// So may a line of code.
for (const name of ["fence", "code_block"] as const) {
  markdown.renderer.rules[name] = (tokens, index) =>
    `<pre tabindex="0"><code>${markdown.utils.escapeHtml(tokens[index]?.content ?? "")}</code></pre>\n`;
}

/** What a picture may be: a drawing with scripts in it is none. */
const PICTURE = /\.(?:png|jpe?g|gif|webp)$/i;

/** Where a doc's page is, below the site's folder. */
function hrefOf(path: string): string {
  const name = path === "README.md" ? "readme" : posix.basename(path, ".md");
  return `docs/${name}.html`;
}

/**
 * The pages of the documentation. Links between them lead to pages, those to what the site does not have become text.
 * Pure.
 * @param images those that have a page
 */
export function docPages(docs: readonly SiteDoc[], images: ReadonlySet<string>): DocPage[] {
  const known = new Map<string, string>([
    ...docs.map(({ path }) => [path, hrefOf(path)] as const),
    ...[...images].map((image) => [`images/${image}/README.md`, pageOf(image)] as const),
  ]);
  return docs.map((doc) => docPage(doc, known)).sort((a, b) => a.title.localeCompare(b.title, "en"));
}

function docPage(doc: SiteDoc, known: ReadonlyMap<string, string>): DocPage {
  const tokens = tokensOf(doc);
  const sections = sectionsIn(tokens);
  emptyHeadings(tokens);
  for (const { children } of tokens) {
    let isDead = false;
    for (const token of children ?? []) {
      if (token.type === "image") placePicture(token, doc);
      if (token.type === "link_open") isDead = !placeLink(token, doc, known);
      if (isDead && /^link_/.test(token.type)) {
        // As text: a span, which the end of it closes.
        token.tag = "span";
        token.attrs = null;
      }
    }
  }
  return {
    title: sections[0]?.title ?? doc.path,
    href: hrefOf(doc.path),
    html: markdown.renderer.render(tokens, markdown.options, {}),
    sections,
  };
}

/** A table's cell in which there is nothing is the heading of nothing. */
function emptyHeadings(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const close = tokens[index + 2];
    if (token.type !== "th_open" || tokens[index + 1]?.content !== "" || !close) continue;
    token.tag = "td";
    close.tag = "td";
  }
}

/** Comments of a line are for who edits it. */
function tokensOf({ text }: SiteDoc): Token[] {
  return markdown.parse(shown(text).replace(/^<!--.*-->$/gm, ""), {});
}

/** Gives each heading its id, and collects what stands below it. */
function sectionsIn(tokens: readonly Token[]): { id: string; title: string; text: string }[] {
  const sections: { id: string; title: string; text: string }[] = [];
  const used = new Map<string, number>();
  for (const [index, token] of tokens.entries()) {
    if (token.type === "heading_open") {
      const title = plainOf(tokens[index + 1]);
      const slug = slugOf(title);
      const times = used.get(slug) ?? 0;
      used.set(slug, times + 1);
      const id = times === 0 ? slug : `${slug}-${times}`;
      token.attrSet("id", id);
      sections.push({ id, title, text: "" });
      continue;
    }
    const last = sections.at(-1);
    const isHeading = tokens[index - 1]?.type === "heading_open";
    if (last && token.type === "inline" && !isHeading) last.text += ` ${plainOf(token)}`;
  }
  return sections;
}

function plainOf(token: Token | undefined): string {
  const children = token?.children ?? [];
  return children.map(({ type, content }) => (/break$/.test(type) ? " " : content)).join("");
}

/**
 * The name that GitHub gives a heading's place: links to it are written so. What is no letter, mark, number or connector
 * is left out. Source: jch/html-pipeline, toc_filter.rb; Ruby, "Regexp", `\p{Word}`
 */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\s-]/gu, "")
    .replace(/\s/g, "-");
}

/** Whether a reference leads out of the files: it names its scheme, or a host. */
function isAbroad(href: string): boolean {
  return /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(href);
}

/** Where a reference leads, below the catalog's folder; undefined where that is abroad or above the folder. */
function placeOf(href: string, { path }: SiteDoc): string | undefined {
  if (isAbroad(href) || href.startsWith("/")) return undefined;
  const place = posix.normalize(posix.join(posix.dirname(path), href));
  return place.startsWith("..") ? undefined : place;
}

/** What a token says of one of its attributes: nothing where it has none of that name. */
function attributeOf(token: Token, name: "href" | "src"): string {
  return String(token.attrGet(name) ?? "");
}

/** @returns whether it leads somewhere */
function placeLink(token: Token, doc: SiteDoc, known: ReadonlyMap<string, string>): boolean {
  const href = attributeOf(token, "href");
  if (/^https?:/i.test(href)) {
    token.attrSet("rel", "noreferrer");
    return true;
  }
  if (href.startsWith("#")) return true;
  const [file = "", fragment] = href.split("#");
  const page = known.get(placeOf(file, doc) ?? "");
  if (page === undefined) return false;
  token.attrSet("href", `../${page}${fragment === undefined ? "" : `#${fragment}`}`);
  return true;
}

function placePicture(token: Token, doc: SiteDoc): void {
  const place = placeOf(attributeOf(token, "src"), doc);
  if (place !== undefined && PICTURE.test(place)) {
    token.attrSet("src", `pictures/${place}`);
    token.attrSet("loading", "lazy");
    return;
  }
  // Nothing is asked of another host: what it shows stands there in words.
  token.type = "text";
  token.content = token.children?.map(({ content }) => content).join("") ?? "";
}

/** The pictures of a page, below the catalog's folder. */
export function picturesIn(doc: SiteDoc): string[] {
  const inline = tokensOf(doc).flatMap(({ children }) => children ?? []);
  return inline
    .filter(({ type }) => type === "image")
    .flatMap((token) => placeOf(attributeOf(token, "src"), doc) ?? [])
    .filter((place) => PICTURE.test(place));
}
