import type { RunSummary } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { details, fold, section } from "./fold.ts";
import { html, type Markup, plain, shortened } from "./markup.ts";

const SHOWN = 8;
/** Characters of one problem or note. */
const LONG = 1200;

/** The part of the page that tells what could not be found out. */
export function unknownSection({ unknown }: RunSummary): Markup | undefined {
  if (unknown.length === 0) return undefined;
  const lede = "What hangs on it was neither compared nor rebuilt. The next run asks again.";
  const items = unknown.map(
    ({ problem, targets }) =>
      html`<li><span class="text">${text(problem)}</span><span class="much">${count(targets, "target")} not compared</span></li>`,
  );
  return section("unknown", "Not found out", lede, folded(items, "problems"));
}

/** The part of the page with what else is worth telling. */
export function notesSection({ notes }: RunSummary): Markup | undefined {
  if (notes.length === 0) return undefined;
  const items = notes.map((note) => html`<li><span class="text">${text(note)}</span></li>`);
  return section("notes", "Worth knowing", "Nothing of it stopped the run.", folded(items, "notes"));
}

function text(value: string): string {
  return shortened(plain(value).trim(), LONG);
}

function folded(items: readonly Markup[], noun: string): Markup {
  const { shown, rest } = fold(items, SHOWN);
  return html`<ul class="items">${shown}</ul>${
    rest.length > 0 && details(`${rest.length} more ${noun}`, html`<ul class="items">${rest}</ul>`)
  }`;
}
