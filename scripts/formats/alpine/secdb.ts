import { z } from "zod";
import { compareVersions } from "./version.ts";

/** A version of a source package, and the names of what it fixed, such as `CVE-2024-9143`. */
type Fix = readonly [version: string, names: readonly string[]];

/** What was fixed in each source package. */
export type Secfixes = ReadonlyMap<string, readonly Fix[]>;

/** Source of the format: https://secdb.alpinelinux.org */
const packageSchema = z.object({
  name: z.string(),
  secfixes: z.record(z.string(), z.array(z.string()).nullable()),
});
const secdbSchema = z.object({ packages: z.array(z.object({ pkg: packageSchema })) });

/** Stands for "this package was never affected". */
const NEVER = "0";

/** Reads Alpine's list of security fixes of one repository. @throws Error when it is not such a list */
export function parseSecdb(text: string): Secfixes {
  const parsed = secdbSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`not a list of fixes in Alpine's format: ${firstOf(parsed.error)}`);
  return new Map(
    parsed.data.packages.map(({ pkg: { name, secfixes } }) => {
      const versions = Object.entries(secfixes).filter(([version]) => version !== NEVER);
      return [
        name,
        versions.map(([version, entries]) => [version, (entries ?? []).flatMap((one) => namesIn(one))]),
      ];
    }),
  );
}

/** A list in which one thing is wrong may have the same in each of its thousands of packages. */
function firstOf({ issues: [first] }: z.ZodError): string {
  return `${first?.path.join(".") || "all of it"}: ${first?.message}`;
}

/** One entry may have several names: `CVE-2019-1 GHSA-2`. CVE's are kept, or else the first. */
function namesIn(entry: string): string[] {
  const words = entry.split(/\s+/).filter((word) => word !== "");
  const cves = words.filter((word) => word.startsWith("CVE-"));
  return cves.length > 0 ? cves : words.slice(0, 1);
}

/** What was fixed after one version of a source package, up to another: sorted, each once. */
export function fixesBetween(fixes: Secfixes, origin: string, from: string, to: string): string[] {
  const found = (fixes.get(origin) ?? [])
    .filter(([version]) => compareVersions(version, from) > 0 && compareVersions(version, to) <= 0)
    .flatMap(([, names]) => names);
  return [...new Set(found)].sort();
}

/** What was fixed after one version of a source package, each with the first version that has the fix. */
export function fixesAfter(fixes: Secfixes, origin: string, from: string): { name: string; fixed: string }[] {
  const first = new Map<string, string>();
  for (const [version, names] of fixes.get(origin) ?? []) {
    if (compareVersions(version, from) <= 0) continue;
    for (const name of names) {
      const known = first.get(name);
      if (known === undefined || compareVersions(version, known) < 0) first.set(name, version);
    }
  }
  return [...first].map(([name, fixed]) => ({ name, fixed }));
}

/**
 * The first version of each source package without a vulnerability; empty where the list does not have it.
 * @param name in any case
 */
export function fixesOf(fixes: Secfixes, name: string): Map<string, string> {
  const wanted = name.toUpperCase();
  return new Map(
    [...fixes].flatMap(([origin, list]) => {
      const versions = list
        .filter(([, names]) => names.some((one) => one.toUpperCase() === wanted))
        .map(([version]) => version);
      const [first] = versions.sort(compareVersions);
      return first === undefined ? [] : [[origin, first] as const];
    }),
  );
}

/** Several lists as one: a source package that moved from one repository to the other has its fixes in both. */
export function mergeFixes(lists: readonly Secfixes[]): Secfixes {
  const merged = new Map<string, readonly Fix[]>();
  for (const [origin, fixes] of lists.flatMap((list) => [...list])) {
    merged.set(origin, [...(merged.get(origin) ?? []), ...fixes]);
  }
  return merged;
}
