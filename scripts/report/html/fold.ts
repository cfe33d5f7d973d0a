import { html, type Markup, type Piece } from "./markup.ts";

/** The first ones as they are, the rest behind a line to click on. */
export interface Folded<T> {
  readonly shown: readonly T[];
  readonly rest: readonly T[];
}

/** Never folds away a single one: the line to click on takes as much room. */
export function fold<T>(all: readonly T[], most: number): Folded<T> {
  const end = all.length <= most + 1 ? all.length : most;
  return { shown: all.slice(0, end), rest: all.slice(end) };
}

/** What a click opens; nothing where there is nothing. */
export function details(summary: string, content: Piece): Markup {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

/** Names of targets, each of which a browser keeps in one piece where it can. */
export function targetNames(names: readonly string[], most = 12): Markup {
  const { shown, rest } = fold(names, most);
  const list = (some: readonly string[]) => some.map((name) => html`<li><code>${name}</code></li>`);
  return html`<ul class="names">${list(shown)}</ul>${
    rest.length > 0 && details(`${rest.length} more`, html`<ul class="names">${list(rest)}</ul>`)
  }`;
}

/** A part of the page: its heading, a sentence that may be all a person reads of it, and the rest. */
export function section(id: string, heading: string, lede: Piece, content: Piece): Markup {
  return html`
<section aria-labelledby="${id}">
<header><h2 id="${id}">${heading}</h2><p>${lede}</p></header>
<div class="content">${content}</div>
</section>`;
}
