import { daysSince } from "../../model/end-of-life.ts";
import { isDue } from "../../plan/plan.ts";
import { VERSION } from "../../system/environment.ts";
import { count } from "../../system/shown/format.ts";
import { shownIn } from "../../system/shown/output.ts";
import { formatWait } from "../latency-text.ts";
import {
  FIXABLE_HEADING,
  fixableRows,
  ledgersOf,
  rowOf,
  STATUS_HEADING,
  type Status,
  tallyOf,
} from "../status.ts";
import { latencyIn, lookedAt, scanText, UNFIXED_HEADING, unfixedRows } from "../status-ledger.ts";
import { loadPage } from "./load-page.ts";
import { fold, formatDay, formatMoment } from "./parts.ts";

/** Whose status it is. */
export interface StatusPlace {
  /** `HOST/NAMESPACE` */
  readonly registry: string;
  readonly isSandbox: boolean;
}

/** Loads what writes a status as a page. Texts come from registries: they are cleaned, and escaped by the template. */
export async function loadStatusPage(templates: string) {
  const page = await loadPage(templates, "status");
  return (status: Status, now: Date, place: StatusPlace) => page(shownIn(statusView(status, now, place)));
}

type Tone = "good" | "warn" | "bad" | "plain";

/** A tick, an exclamation mark, a cross: drawn, since fonts differ in such signs. Paths in a square of 24. */
const SIGNS = { good: "M7 12.5l3.4 3.4L17 9", warn: "M12 6.5v6.8M12 17v.4", bad: "M8 8l8 8M16 8l-8 8" };

/** What status.hbs shows, as plain data. A part that has nothing to say is left out. Pure. */
function statusView(status: Status, now: Date, { registry, isSandbox }: StatusPlace) {
  const { targets, unknown } = status;
  const due = targets.filter(({ planned }) => isDue(planned)).length;
  const fixable = new Set(targets.flatMap((one) => (one.vulnerabilities ?? []).map(({ name }) => name)));
  const tone = unknown.length > 0 ? "bad" : due > 0 || fixable.size > 0 ? "warn" : "good";
  const work =
    due > 0 ? `${count(due, "target")} due` : `${vulnerabilitiesText(fixable.size)} that Alpine has fixed`;
  const title = { good: "Up to date", warn: work, bad: "Not all could be found out" }[tone];
  return {
    title: `${title} · ${formatDay(now.toISOString())} · Birdhouse`,
    masthead: {
      ...{ tone, title, sign: SIGNS[tone], registry, isSandbox, error: undefined },
      ...{ started: now.toISOString(), moment: formatMoment(now.toISOString()) },
      rest: [tallyOf(targets)],
      figures: figuresOf(status, { due, fixable: fixable.size }, now),
    },
    unknown:
      unknown.length === 0
        ? undefined
        : {
            lede: "What depends on this is not judged here.",
            ...fold(
              unknown.map((text) => ({ text, much: "" })),
              8,
              "problem",
            ),
            aside: "",
          },
    tables: tablesOf(status, now),
    facts: [
      { name: "Birdhouse", value: VERSION },
      { name: "Asked", value: `${now.toISOString()}, of ${registry} and of Alpine` },
    ],
  };
}

function vulnerabilitiesText(number: number): string {
  return `${number} ${number === 1 ? "vulnerability" : "vulnerabilities"}`;
}

function figuresOf({ targets }: Status, { due, fixable }: { due: number; fixable: number }, now: Date) {
  const published = targets.filter(({ planned }) => planned.published).length;
  const ages = targets.flatMap(({ at }) => (at ? [daysSince(at, now)] : []));
  const { p50, p95 } = latencyIn(ledgersOf(targets), now);
  const figure = (name: string, value: string, tone: Tone = "plain") => ({ name, value, tone });
  return [
    figure("Published", `${published} of ${targets.length}`),
    figure("Due", String(due), due > 0 ? "warn" : "good"),
    figure("Fixable", String(fixable), fixable > 0 ? "bad" : "good"),
    ...(ages.length > 0 ? [figure("Oldest", count(Math.max(...ages), "day"))] : []),
    ...(p50 === undefined ? [] : [figure("Half fixed within", formatWait(p50))]),
    ...(p95 === undefined ? [] : [figure("95% within", formatWait(p95))]),
  ];
}

function tablesOf({ targets, left }: Status, now: Date) {
  const ledgers = ledgersOf(targets);
  const looked = lookedAt(ledgers);
  const table = (id: string, heading: string, lede: string, names: readonly string[], rows: string[][]) => ({
    ...{ id, heading, lede, caption: heading },
    columns: names.map((name) => `${name.charAt(0)}${name.slice(1).toLowerCase()}`),
    rows: rows.map(([first = "", ...rest]) => ({ first, rest })),
  });
  return [
    table(
      ...(["fixable", "Fixed by Alpine", "By Alpine's list of fixes and what is installed."] as const),
      ["VULNERABILITY", ...FIXABLE_HEADING.slice(1)],
      fixableRows(targets),
    ),
    table(
      ...(["unfixed", "Without a fix", looked ? scanText(looked) : ""] as const),
      ["VULNERABILITY", ...UNFIXED_HEADING.slice(1)],
      unfixedRows(ledgers),
    ),
    table(
      ...(["tags", "All tags", "As the registry answers for them."] as const),
      STATUS_HEADING,
      targets.map((one) => rowOf(one, now)),
    ),
    table(
      ...(["left", "Left the catalog", "They stay as they are, for whoever pulls them."] as const),
      ["Tag", "Published"],
      left.map(({ name, at }) => [name, at?.toISOString().slice(0, 10) ?? "-"]),
    ),
  ].filter(({ rows }) => rows.length > 0);
}
