import { html } from "./markup.ts";
import { PARTS } from "./style-of-parts.ts";

/**
 * How the page looks. Colours say nothing alone: a word or a sign stands beside each. Text has a contrast of 4.5 to
 * its ground and bars have one of 3, in the light and in the dark.
 */
const COLOURS = html`
:root {
  color-scheme: light dark;
  --ground: #fbfaf7; --raised: #f3f1ea; --line: #dedbd1; --ink: #22262a; --soft: #5c625f; --link: #1b5c78;
  --good: #1f6f4a; --warn: #8a5a00; --bad: #b02a1f;
  --good-ground: #e6f1ea; --warn-ground: #f8efda; --bad-ground: #fbeae7;
  --build: #2f6690; --smoke: #b9770e; --publish: #7d6aa8; --size: #5b7f95;
  --more: #c0561b; --less: #1f7a63; --done: #2f6690; --idle: #8b908c;
}
@media screen and (prefers-color-scheme: dark) { :root {
  --ground: #16191b; --raised: #1f2326; --line: #353b3f; --ink: #e4e2dc; --soft: #a3a9a6; --link: #86c1dc;
  --good: #7cc79c; --warn: #e2b45c; --bad: #f08c80;
  --good-ground: #1b2b23; --warn-ground: #2e2718; --bad-ground: #33201d;
  --build: #5f9dca; --smoke: #d99a3a; --publish: #a794d2; --size: #7da3ba;
  --more: #e68550; --less: #58b598; --done: #5f9dca; --idle: #757c79;
} }
@media print { :root {
  --ground: #fff; --raised: #fff; --line: #bbb; --ink: #000; --soft: #444; --link: #000;
  --good-ground: #fff; --warn-ground: #fff; --bad-ground: #fff;
} }`;

const TEXT = html`
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
h1, h2, h3, p, ul, dl, dd, figure, pre { margin: 0; padding: 0; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.4rem); line-height: 1.2; font-weight: 650; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.15rem; line-height: 1.3; font-weight: 650; }
h3 { font-size: 1rem; font-weight: 650; }
ul { list-style: none; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
code { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }
b { font-weight: 650; }
.good { --tone: var(--good); --tone-ground: var(--good-ground); }
.warn { --tone: var(--warn); --tone-ground: var(--warn-ground); }
.bad { --tone: var(--bad); --tone-ground: var(--bad-ground); }
h3.warn { color: var(--warn); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.aside { color: var(--soft); font-size: .9rem; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }`;

const LAYOUT = html`
.masthead { padding: 2rem 0 1.75rem; }
.when { display: flex; flex-wrap: wrap; gap: 0 .75rem; color: var(--soft); font-size: .9rem; margin-bottom: 1.25rem; }
.when b { color: var(--ink); }
h1 { display: flex; gap: .75rem; align-items: flex-start; }
.sign { flex: none; width: 1.2em; height: 1.2em; fill: var(--tone-ground); stroke: var(--tone); stroke-width: 1.5; }
.sign path { fill: none; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
.where { margin-top: .6rem; color: var(--soft); }
.sandbox { margin-top: .75rem; color: var(--warn); font-size: .9rem; }
.error { margin-top: 1rem; }
pre.error { padding: .75rem 1rem; background: var(--tone-ground); border-left: 3px solid var(--tone); border-radius: 0 4px 4px 0; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin-top: 1.5rem; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { font-size: 1.35rem; font-weight: 600; line-height: 1.3; }
.figures .bad dd, .figures .good dd { color: var(--tone); }
section { border-top: 1px solid var(--line); padding: 1.75rem 0 2rem; }
section > header { margin-bottom: 1rem; }
section > header p { color: var(--soft); font-size: .9rem; margin-top: .25rem; max-width: 42rem; }
.content > * + * { margin-top: 1rem; }
@media (min-width: 60rem) {
  main, footer { padding: 0 2rem; }
  section { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 2.5rem; }
  section > header { margin: 0; }
  section[aria-labelledby=targets] { display: block; }
  section[aria-labelledby=targets] > header { margin-bottom: .5rem; }
}
footer { padding-bottom: 3rem; }
footer dl { border-top: 1px solid var(--line); padding-top: 1.25rem; display: flex; flex-wrap: wrap; gap: .5rem 2rem; font-size: .8rem; color: var(--soft); }
footer div { display: flex; gap: .4rem; min-width: 0; }
footer dd { color: var(--ink); overflow-wrap: anywhere; }
details > summary { cursor: pointer; color: var(--link); font-size: .9rem; width: fit-content; padding: .25rem 0; }
details[open] > summary { margin-bottom: .5rem; }`;

const PRINT = html`
@media print {
  body { font-size: 10.5pt; }
  section { padding: 1rem 0; }
  section > header { break-after: avoid; }
  tr, .failure, figure, .history { break-inside: avoid; }
  .failure { border: 1px solid var(--line); border-left: 3px solid var(--bad); }
  details:not([open]) { display: none; }
}`;

/** The style sheet of the page, with its tag. */
export const STYLE = html`<style>${[COLOURS, TEXT, LAYOUT, PARTS, PRINT]}</style>`;
