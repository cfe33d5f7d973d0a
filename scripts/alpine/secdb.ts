import { z } from "zod";
import { compareVersions } from "./version.ts";

/**
 * Which version of a source package fixed what: the package → version → names such as `CVE-2024-9143`.
 */
export type Secfixes = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** Source of the format: https://secdb.alpinelinux.org */
const secdbSchema = z.looseObject({
  packages: z.array(
    z.looseObject({
      pkg: z.looseObject({
        name: z.string(),
        secfixes: z.record(z.string(), z.array(z.string()).nullable()),
      }),
    }),
  ),
});

/** Stands for "this package was never affected". */
const NEVER = "0";

/**
 * Reads Alpine's list of security fixes of one repository.
 * @throws Error when it is not such a list
 */
export function parseSecdb(text: string): Secfixes {
  const { packages } = secdbSchema.parse(JSON.parse(text));
  return new Map(
    packages.map(({ pkg: { name, secfixes } }) => {
      const versions = Object.entries(secfixes).filter(([version]) => version !== NEVER);
      return [
        name,
        new Map(versions.map(([version, entries]) => [version, (entries ?? []).flatMap(namesIn)])),
      ];
    }),
  );
}

/** One entry may have several names: `CVE-2019-1 GHSA-2`. CVE's are kept, or else the first. */
function namesIn(entry: string): string[] {
  const words = entry.split(/\s+/).filter((word) => word !== "");
  const cves = words.filter((word) => word.startsWith("CVE-"));
  return cves.length > 0 ? cves : words.slice(0, 1);
}

/** What was fixed after one version of a source package, up to another: sorted, each once. */
export function fixesBetween(fixes: Secfixes, origin: string, from: string, to: string): string[] {
  const found = [...(fixes.get(origin) ?? [])]
    .filter(([version]) => compareVersions(version, from) > 0 && compareVersions(version, to) <= 0)
    .flatMap(([, names]) => names);
  return [...new Set(found)].sort();
}
