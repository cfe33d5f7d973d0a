import { daysSince } from "../../model/end-of-life.ts";
import { isDue } from "../../plan/plan.ts";
import { describeReason } from "../../plan/reasons.ts";
import { count, formatShare } from "../../system/shown/format.ts";
import { latencyText } from "../latency-text.ts";
import { headlineOf } from "../run-verdict.ts";
import { ledgersOf } from "../status.ts";
import { latencyIn, lookedAt } from "../status-ledger.ts";
import type { Site, SiteTarget } from "./site.ts";
import { standingOf } from "./standing.ts";
import { vulnerabilitiesView } from "./vulnerabilities.ts";
import {
  agoText,
  bytesText,
  dayOf,
  exactVersion,
  fixableOf,
  heaviest,
  momentOf,
  pageOf,
  UNKNOWN,
} from "./words.ts";

/** What status.hbs shows: the maintainer's view of all targets, and the last runs. Pure. */
export function statusView(site: Site) {
  const { targets, readAt } = site;
  const published = targets.filter(({ status }) => status.planned.published);
  const standings = targets.map((one) => ({ one, standing: standingOf(one, readAt) }));
  const odd = standings.filter(({ standing }) => standing.kind === "odd");
  const due = targets.filter(({ status }) => isDue(status.planned));
  return {
    figures: figuresOf(site, published, odd.length, due.length),
    odd: odd.map(({ one, standing }) => ({
      name: one.status.planned.target.name,
      href: pageOf(one.status.planned.target.image),
      told: standing.told,
    })),
    strangers: site.strangers.map(({ image, tag, digest }) => ({
      name: `${image}:${tag}`,
      href: pageOf(image),
      digest,
    })),
    left: site.left.map(({ name, digest = UNKNOWN, at }) => ({ name, digest, at: at ? dayOf(at) : UNKNOWN })),
    unknown: site.unknown,
    due: due.map(({ status }) => ({
      name: status.planned.target.name,
      reasons: status.planned.reasons.map((reason) => describeReason(reason)),
    })),
    rows: standings.map(({ one, standing }) => ({
      ...rowOf(site, one),
      word: standing.word,
      kind: standing.kind,
    })),
    vulnerabilities: vulnerabilitiesView(published, readAt),
    latency: latencyOf(site),
    runs: site.runs.slice(0, SHOWN_RUNS).map(({ summary, page }) => ({
      moment: momentOf(new Date(summary.started)),
      verdict: headlineOf(summary).title,
      tone: headlineOf(summary).tone,
      href: page,
    })),
  };
}

const SHOWN_RUNS = 14;

/** The numbers that a maintainer asks for first. */
function figuresOf({ targets, readAt }: Site, published: readonly SiteTarget[], odd: number, due: number) {
  const affected = published.filter(({ status }) => (fixableOf(status)?.length ?? 0) > 0).length;
  const unread = published.filter(({ status }) => fixableOf(status) === undefined).length;
  const ages = published.flatMap(({ status }) => (status.at ? [daysSince(status.at, readAt)] : []));
  const figure = (name: string, value: string, tone = "plain") => ({ name, value, tone });
  return [
    figure("Published", `${published.length} of ${targets.length}`),
    figure("Due", String(due), due > 0 ? "warn" : "good"),
    figure("With fixable vulnerabilities", String(affected), affected > 0 ? "bad" : "plain"),
    ...(unread > 0 ? [figure("Of which nobody can tell", String(unread), "warn")] : []),
    ...(odd > 0 ? [figure("Not as they were published", String(odd), "bad")] : []),
    ...(ages.length > 0 ? [figure("Oldest", count(Math.max(0, ...ages), "day"))] : []),
  ];
}

/** How long fixes take, as the ledgers tell; undefined where nobody looked yet. */
function latencyOf({ targets, readAt }: Site): string | undefined {
  const ledgers = ledgersOf(targets.map(({ status }) => status));
  return lookedAt(ledgers) && latencyText(latencyIn(ledgers, readAt));
}

function rowOf({ readAt }: Site, { status }: SiteTarget) {
  const { target, published, reasons } = status.planned;
  const bytes = heaviest(published?.sizes)?.compressed;
  const fixable = fixableOf(status);
  return {
    name: target.name,
    href: pageOf(target.image),
    version: published ? (exactVersion(target, published.sizes) ?? UNKNOWN) : "",
    age: published ? agoText(status.at, readAt) : "",
    size: published ? bytesText(bytes) : "",
    budget: bytes === undefined || target.budget === undefined ? "" : formatShare(bytes, target.budget),
    fixable: published ? (fixable ? String(fixable.length) : UNKNOWN) : "",
    isAffected: (fixable?.length ?? 0) > 0,
    end: target.endOfLife ?? "no date",
    due: isDue(status.planned) ? [...new Set(reasons.map(({ kind }) => kind))].join(", ") : "",
  };
}
