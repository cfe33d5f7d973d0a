import type { Release } from "../model/release.ts";
import type { Target } from "../model/target.ts";
import { formatBytes } from "../system/shown/format.ts";
import type { MeasuredSizes, MeasuredTarget, Saving } from "./measured-sizes.ts";

/** A row of an image's table of sizes. */
export interface SizeRow {
  readonly name: string;
  readonly download: string;
  readonly installed: string;
  readonly packages: number;
  readonly index: string;
}

/** The sizes of those targets that are measured, in their order. */
export function sizeRows(targets: readonly Target[], sizes: MeasuredSizes): SizeRow[] {
  return targets.flatMap(({ name }) => {
    const measured = sizes.targets[name];
    return measured ? [sizeRow(name, measured)] : [];
  });
}

function sizeRow(
  name: string,
  { compressed, installed, packages, leftOut, ...measured }: MeasuredTarget,
): SizeRow {
  const missing = Object.keys(leftOut ?? {}).map((word) => `\`${word}\``);
  // What is left out only adds to a size.
  const atLeast = missing.length > 0 ? "more than " : "";
  const without = missing.length > 0 ? `, without ${missing.join(", ")}` : "";
  return {
    name,
    download: atLeast + formatBytes(compressed),
    installed: atLeast + formatBytes(installed),
    packages,
    index: `${measured.index}, ${measured.date}${without}`,
  };
}

/** Each budget that there is, with the targets it holds for. */
export function budgetRows(targets: readonly Target[]): { budget: string; names: readonly string[] }[] {
  const budgets = new Map<number, string[]>();
  for (const { name, budget } of targets) {
    if (budget !== undefined) budgets.set(budget, [...(budgets.get(budget) ?? []), name]);
  }
  return [...budgets]
    .sort(([a], [b]) => a - b)
    .map(([budget, names]) => ({ budget: formatBytes(budget), names }));
}

/** The newest release whose runtime's size is known exactly, with that size. */
export function newestMeasured(
  releases: readonly Release[],
  sizes: MeasuredSizes,
): { readonly name: string; readonly download: string; readonly largest: readonly string[] } | undefined {
  for (const { runtime } of releases) {
    const measured = sizes.targets[runtime.name];
    if (!measured || measured.leftOut) continue;
    const largest = Object.entries(measured.largest).map(
      ([name, size]) => `\`${name}\` ${formatBytes(size)}`,
    );
    return { name: runtime.name, download: formatBytes(measured.compressed), largest };
  }
  return undefined;
}

/** What is saved by how a world was chosen, in words: each measured saving that the world makes use of. */
export function savingsOf(world: readonly string[], savings: MeasuredSizes["savings"]): string[] {
  const names = new Set(world.map((one) => nameOf(one)));
  return Object.entries(savings)
    .filter(([, saving]) => isMadeUseOf(saving, names))
    .map(
      ([what, { compressed, installed, index }]) =>
        `${what}: ${formatBytes(compressed)} less to download, ${formatBytes(installed)} less on disk (${index})`,
    );
}

/** All of the smaller world was asked for, and nothing of what it stands instead of. */
function isMadeUseOf({ world, insteadOf }: Saving, names: ReadonlySet<string>): boolean {
  const smaller = world.split(" ");
  const instead = insteadOf.split(" ").filter((word) => !smaller.includes(word));
  return smaller.every((word) => names.has(word)) && !instead.some((word) => names.has(word));
}

/** The package of a world's item: `nodejs~22` → `nodejs`; `!pyc` as it is. */
export function nameOf(worldItem: string): string {
  return worldItem.replace(/[<>=~].*/, "");
}
