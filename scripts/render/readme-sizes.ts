import type { Release, Target } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import { formatBytes } from "../system/shown/format.ts";
import type { MeasuredSizes, Saving } from "./measured-sizes.ts";
import type { PublishedSizes } from "./published-sizes.ts";

/** The sizes of those targets that are measured, in their order: the rows of an image's table. */
export function sizeRows(targets: readonly Target[], sizes: MeasuredSizes) {
  return targets.flatMap(({ name }) => {
    const measured = sizes.targets[name];
    if (!measured) return [];
    const missing = Object.keys(measured.leftOut ?? {}).map((word) => `\`${word}\``);
    // What is left out only adds to a size.
    const atLeast = missing.length > 0 ? "more than " : "";
    const without = missing.length > 0 ? `, without ${missing.join(", ")}` : "";
    const row = {
      name,
      download: atLeast + formatBytes(measured.compressed),
      installed: atLeast + formatBytes(measured.installed),
      packages: measured.packages,
      index: `${measured.index}, ${measured.date}${without}`,
    };
    return [row];
  });
}

/** What is published of those targets, a row for each platform. */
export function publishedRows(targets: readonly Target[], { targets: known }: PublishedSizes) {
  return targets.flatMap(({ name }) => {
    const { created, platforms = {} } = known[name] ?? {};
    return Object.entries(platforms).map(([platform, { compressed, unpacked }]) => ({
      ...{ name, platform },
      download: formatBytes(compressed),
      installed: formatBytes(unpacked),
      created: created?.slice(0, 10) ?? "not said",
    }));
  });
}

/** The newest release of which a runtime image is published, and what that weighs: on its first platform. */
export function newestPublished(releases: readonly Release[], { targets }: PublishedSizes) {
  for (const { runtime } of releases) {
    const [sizes] = Object.values(targets[runtime.name]?.platforms ?? {});
    if (sizes) return { name: runtime.name, download: formatBytes(sizes.compressed) };
  }
  return undefined;
}

/** Each budget that there is, the least first, with the targets it holds for. */
export function budgetRows(targets: readonly Target[]) {
  const limited = targets.filter(({ budget }) => budget !== undefined);
  return [...groupBy(limited, ({ budget = 0 }) => budget)]
    .toSorted(([a], [b]) => a - b)
    .map(([budget, those]) => ({ budget: formatBytes(budget), names: those.map(({ name }) => name) }));
}

/** The newest release whose runtime's size is known exactly, with that size. */
export function newestMeasured(releases: readonly Release[], sizes: MeasuredSizes) {
  for (const { runtime } of releases) {
    const measured = sizes.targets[runtime.name];
    if (!measured || measured.leftOut) continue;
    const { compressed, largest } = measured;
    return {
      name: runtime.name,
      download: formatBytes(compressed),
      largest: Object.entries(largest).map(([name, size]) => `\`${name}\` ${formatBytes(size)}`),
    };
  }
  return undefined;
}

/** What is saved by how a world was chosen, in words: each measured saving that the world makes use of. */
export function savingsOf(world: readonly string[], savings: MeasuredSizes["savings"]): string[] {
  const names = new Set(world.map((one) => nameOf(one)));
  return Object.entries(savings)
    .filter(([, saving]) => isMadeUseOf(saving, names))
    .map(([what, saving]) => {
      const [download, disk] = [formatBytes(saving.compressed), formatBytes(saving.installed)];
      return `${what}: ${download} less to download, ${disk} less on disk (${saving.index})`;
    });
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
