import { type Built, sizesOf } from "../build/built.ts";
import { type ImageSizes, type Part, type PlatformSizes, partsOf } from "../model/sizes.ts";
import { RejectedError } from "../model/stage.ts";
import { formatBytes, formatTable } from "../system/shown/format.ts";

/** How many packages a message names. */
const SHOWN = 10;

/** Something that has more bytes than it had. */
interface Growth {
  readonly name: string;
  /** Unpacked bytes. Absent for what is new. */
  readonly before?: number;
  readonly now: number;
}

/**
 * No platform weighs more, compressed, than the catalog allows the target.
 * @param published what the image weighs that is in the registry now, to tell what has grown
 * @throws RejectedError that names the packages
 */
export function checkBudget({ target, platforms }: Built, published: ImageSizes | undefined): void {
  const { budget } = target;
  if (budget === undefined) return;
  const over = [...sizesOf(platforms)].filter(([, { compressed }]) => compressed > budget);
  if (over.length === 0) return;
  const findings = over.flatMap(([platform, sizes]) => [
    `${target.name} (${platform}) weighs ${formatBytes(sizes.compressed)} compressed, ${formatBytes(sizes.compressed - budget)} more than its budget of ${formatBytes(budget)}`,
    ...explain(sizes, published?.get(platform)),
  ]);
  const advice = `leave something out, or raise the budget: ${target.place}`;
  throw new RejectedError(target.name, [...findings, advice].join("\n"));
}

/** What has grown, or what is large where that is not known: a heading, and a line for each package. */
function explain(now: PlatformSizes, before: PlatformSizes | undefined): string[] {
  const largest = list(
    partsOf(now)
      .filter(({ unpacked }) => unpacked > 0)
      .map((one) => sizeRow(one)),
  );
  if (!before) return ["its largest parts, unpacked:", ...largest];
  const grown = growthOf(before, now);
  if (grown.length > 0)
    return ["what has grown since it was published, unpacked:", ...list(grown.map((one) => growthRow(one)))];
  return ["no package has grown since it was published; its largest parts, unpacked:", ...largest];
}

/** What has more bytes than before, what has grown most first. Pure. */
export function growthOf(before: PlatformSizes, now: PlatformSizes): Growth[] {
  const known = new Map(partsOf(before).map(({ name, unpacked }) => [name, unpacked]));
  return partsOf(now)
    .map(({ name, unpacked }): Growth => {
      const then = known.get(name);
      return { name, now: unpacked, ...(then !== undefined && { before: then }) };
    })
    .filter((growth) => increase(growth) > 0)
    .sort((a, b) => increase(b) - increase(a));
}

/** By how many bytes. */
function increase({ before = 0, now }: Growth): number {
  return now - before;
}

function growthRow(growth: Growth): string[] {
  const { name, before, now } = growth;
  if (before === undefined) return [name, `new, ${formatBytes(now)}`];
  return [name, `${formatBytes(before)} → ${formatBytes(now)} (+${formatBytes(increase(growth))})`];
}

function sizeRow({ name, unpacked }: Part): string[] {
  return [name, formatBytes(unpacked)];
}

/** One line each, the first ones. */
function list(rows: readonly (readonly string[])[]): string[] {
  const lines = formatTable(rows.slice(0, SHOWN)).split("\n");
  const rest = rows.length - SHOWN;
  return [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].map((line) => `  ${line}`);
}
