import { html } from "./markup.ts";

const FAILURES = html`
.failure { background: var(--bad-ground); border-left: 3px solid var(--bad); border-radius: 0 4px 4px 0; padding: .85rem 1rem 1rem; }
.failure > header { display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: baseline; margin-bottom: .5rem; }
.failure > header code { font-size: 1em; }
.stage { color: var(--bad); }
.since { color: var(--soft); font-size: .9rem; }
.since.stubborn { color: var(--bad); font-weight: 650; }
.failure pre + details, .failure details + pre { margin-top: .25rem; }
details > .failure + .failure, details > .failure + p { margin-top: .6rem; }
.failure .names { margin-bottom: .6rem; }
.failure .reasons { font-size: .9rem; }
.failure > details { margin-top: .35rem; }
.left h3 { margin: .75rem 0 .25rem; }
.names { display: flex; flex-wrap: wrap; gap: .1rem .9rem; }
.items li { display: flex; flex-wrap: wrap; gap: 0 1.5rem; justify-content: space-between; padding: .55rem 0; border-bottom: 1px solid var(--line); }
.items li:first-child { padding-top: 0; }
.items li:last-child { border-bottom: 0; }
.keep { white-space: nowrap; }
.items .text { max-width: 44rem; white-space: pre-line; overflow-wrap: anywhere; min-width: 0; }
.items .much { color: var(--warn); font-size: .9rem; }
.reasons li { padding-left: 1rem; text-indent: -1rem; overflow-wrap: anywhere; }
.reasons .fixes { font-weight: 600; }`;

const TABLES = html`
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1.25rem .4rem 0; font-weight: inherit; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: .8rem; padding-top: 0; vertical-align: bottom; }
tbody tr { border-top: 1px solid var(--line); }
.number { text-align: right; white-space: nowrap; }
.causes td:first-child { width: 58%; }
.cves th[scope=row], .cves td { overflow-wrap: anywhere; }
.cves a, .cves thead th { white-space: nowrap; }
.wide { overflow-x: auto; }
.wide th[scope=row], .wide td { white-space: nowrap; }
.digest { display: block; width: 17ch; overflow: hidden; text-overflow: ellipsis; }
td.failed { color: var(--bad); font-weight: 600; }
td.held, td.unstarted, td.open { color: var(--warn); }
@media (max-width: 40rem) {
  .causes thead { display: none; }
  .causes tr { display: block; padding: .6rem 0; }
  .causes td { display: block; padding: 0; }
  .causes td:first-child { width: auto; }
  .causes td + td { color: var(--soft); margin-top: .15rem; }
  .cves th:not(:last-child), .cves td:not(:last-child) { padding-right: .75rem; }
}`;

const CHARTS = html`
svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--soft); font-size: 12px; }
.bars { height: .8rem; margin: .28rem 0; }
.build { fill: var(--build); background: var(--build); }
.smoke { fill: var(--smoke); background: var(--smoke); }
.publish { fill: var(--publish); background: var(--publish); }
.size { fill: var(--size); }
.more { fill: var(--more); }
.less { fill: var(--less); }
.zero, .base { stroke: var(--idle); stroke-width: 1; }
.chart th[scope=row] { width: 1%; white-space: nowrap; }
.chart .picture { min-width: 8rem; }
.chart .number { width: 1%; }
.chart .number:not(:has(b)) { color: var(--soft); }
.total .bars { height: 1.4rem; margin: 0; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; margin-top: .6rem; font-size: .9rem; }
.legend span { color: var(--soft); }
.key { display: inline-block; width: .75rem; height: .75rem; border-radius: 2px; margin-right: .4rem; }
.history { height: 202px; }
.history .done, .key.done { fill: var(--done); background: var(--done); }
.history .failed, .key.failed { fill: var(--bad); background: var(--bad); }
.history .took, .history .idle, .key.took { fill: var(--idle); background: var(--idle); }
.history .killed, b.killed { fill: var(--bad); color: var(--bad); font-weight: 700; }
.history .this { fill: var(--ink); font-weight: 650; }
@media (max-width: 40rem) {
  .chart thead { display: none; }
  .chart tbody, .chart caption { display: block; }
  .chart tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 .75rem; padding: .5rem 0; }
  .chart th, .chart td { padding: 0; width: auto !important; }
  .chart th[scope=row] { white-space: normal; }
  .chart .picture { grid-area: 2 / 1 / 3 / 3; }
  .chart .number { grid-area: 1 / 2; }
  .columns-3 tr { grid-template-columns: minmax(0, 1fr) auto auto; }
  .columns-3 .picture { grid-area: 2 / 1 / 3 / 4; }
  .columns-3 .number:nth-child(3) { grid-area: 3 / 1 / 4 / 4; text-align: left; }
  .columns-3 .number:nth-child(4) { grid-area: 1 / 2; }
  .columns-3 .number:nth-child(5) { grid-area: 1 / 3; min-width: 3.2rem; }
}`;

/** How failures, tables and charts look; style.ts has the colours, and all that they have in common. */
export const PARTS = html`${[FAILURES, TABLES, CHARTS]}`;
