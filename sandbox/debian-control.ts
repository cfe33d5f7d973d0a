/** Debian's control fields and versions, as far as making apk packages from them needs. */

/** A dependency: any one of these packages will do. */
export type Alternatives = readonly string[];

export interface DebianPackage {
  readonly name: string;
  /** As Debian writes it: `[epoch:]upstream[-revision]`. */
  readonly version: string;
  readonly description: string;
  readonly depends: readonly Alternatives[];
  readonly provides: readonly string[];
  /** Bytes to download; 0 where that is not known. */
  readonly size: number;
}

/**
 * Reads the stanzas that `apt-cache show` prints. The format is Debian Policy's, chapter 5: fields are
 * `Name: value`, stanzas are parted by an empty line. Gives package name → package.
 */
export function parsePackages(text: string): ReadonlyMap<string, DebianPackage> {
  const packages = text
    .split(/\n\n+/)
    .filter((stanza) => stanza.trim() !== "")
    .map((one) => parseStanza(one));
  return new Map(packages.map((found) => [found.name, found]));
}

function parseStanza(stanza: string): DebianPackage {
  const fields = new Map<string, string>();
  for (const line of stanza.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0 && !line.startsWith(" ")) fields.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const relations = (field: string) => parseRelations(fields.get(field) ?? "");
  return {
    name: fields.get("Package") ?? "",
    version: fields.get("Version") ?? "",
    description: fields.get("Description") ?? fields.get("Description-en") ?? "",
    depends: [...relations("Pre-Depends"), ...relations("Depends")],
    provides: relations("Provides").flat(),
    // What is no number is not known: the package is downloaded all the same.
    size: Number(fields.get("Size")) || 0,
  };
}

/** `a (>= 1), b:any | c` → `[["a"], ["b", "c"]]`: names only. See Debian Policy, section 7.1. */
export function parseRelations(field: string): Alternatives[] {
  return field
    .split(",")
    .map((relation) => relation.split("|").flatMap((choice) => /[^\s(:[]+/.exec(choice)?.[0] ?? []))
    .filter((alternatives) => alternatives.length > 0);
}

/**
 * A Debian version as a valid apk version: `1:1.2.13.dfsg-1` → `1.2.13-r1`. The upstream version is kept
 * as far as apk's grammar allows (numbers parted by dots, then perhaps one letter); the release is the
 * first number of Debian's revision.
 */
export function apkVersion(debian: string): string {
  const version = debian.replace(/^\d+:/, "");
  const dash = version.lastIndexOf("-");
  const upstream = dash < 0 ? version : version.slice(0, dash);
  const revision = dash < 0 ? "" : version.slice(dash + 1);
  const kept = /^\d+(\.\d+)*([a-z](?![a-z]))?/.exec(upstream)?.[0] ?? "0";
  return `${kept}-r${/\d+/.exec(revision)?.[0] ?? "0"}`;
}
