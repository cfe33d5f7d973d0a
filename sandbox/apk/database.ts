import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Dependency, parseDependencies } from "../../scripts/formats/alpine/dependency.ts";
import {
  type Access,
  INSTALLED_PATH,
  type InstalledPackage,
  parseInstalled,
} from "../../scripts/formats/alpine/installed.ts";
import { UserError } from "../../scripts/system/errors.ts";
import { byName } from "./candidates.ts";
import { formatDependency } from "./words.ts";

/** What apk keeps in a root directory: what was asked for, and what is installed. */
export interface Database {
  readonly world: readonly Dependency[];
  readonly installed: readonly InstalledPackage[];
}

const WORLD_PATH = "etc/apk/world";
const ARCHITECTURE_PATH = "etc/apk/arch";
/** The directories that apk makes in a new root, with their modes. Its device files need more rights than we may have. */
const NEW_ROOT: readonly (readonly [string, number])[] = [
  ["dev", 0o755],
  ["etc/apk", 0o755],
  ["lib/apk/db", 0o755],
  ["proc", 0o555],
  ["tmp", 0o1777],
  ["var/cache/apk", 0o755],
  ["var/cache/misc", 0o755],
];
/** A tar without entries: two blocks of zeros. */
const EMPTY_TAR = Buffer.alloc(1024);

/** Makes an empty database, unless there is one. The architecture is noted where it was asked for. */
export function createDatabase(root: string, architecture: string | undefined): void {
  if (existsSync(join(root, INSTALLED_PATH))) return;
  for (const [path, mode] of NEW_ROOT) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode);
  }
  if (architecture !== undefined) writeFileSync(join(root, ARCHITECTURE_PATH), `${architecture}\n`);
  writeFileSync(join(root, "lib/apk/db/lock"), "", { mode: 0o600 });
  writeFileSync(join(root, "lib/apk/db/scripts.tar"), EMPTY_TAR);
  writeFileSync(join(root, "lib/apk/db/triggers"), "");
  writeFileSync(join(root, WORLD_PATH), "");
  writeFileSync(join(root, INSTALLED_PATH), "");
}

/** @throws UserError when there is no database */
export function readDatabase(root: string): Database {
  if (!existsSync(join(root, INSTALLED_PATH))) {
    throw new UserError(`there is no database of installed packages in ${root}`, "make one with --initdb");
  }
  return {
    world: parseDependencies(readIfThere(root, WORLD_PATH).replaceAll("\n", " ")),
    installed: parseInstalled(readIfThere(root, INSTALLED_PATH)),
  };
}

export function writeDatabase(root: string, { world, installed }: Database): void {
  const words = [...world].sort(byName).map((one) => formatDependency(one));
  writeFileSync(join(root, WORLD_PATH), `${words.join("\n")}\n`);
  writeFileSync(join(root, INSTALLED_PATH), formatInstalled([...installed].sort(byName)));
}

/** The architecture that a root is for, where it says so. */
export function architectureOf(root: string): string | undefined {
  return readIfThere(root, ARCHITECTURE_PATH).trim() || undefined;
}

/** The database's text: what parseInstalled() reads, as apk writes it. */
export function formatInstalled(installed: readonly InstalledPackage[]): string {
  return installed.map((each) => `${[...packageLines(each), ...fileLines(each)].join("\n")}\n\n`).join("");
}

function packageLines(each: InstalledPackage): string[] {
  const fields: readonly (readonly [string, string | number])[] = [
    ["C", each.checksum],
    ["P", each.name],
    ["V", each.version],
    ["A", each.architecture],
    ["S", each.size],
    ["I", each.installedSize],
    ["T", each.description],
    ["U", each.url],
    ["L", each.license],
    ["o", each.origin],
    ["m", each.maintainer],
    ["t", each.buildTime],
    ["c", each.commit],
    ["k", each.providerPriority],
    ["D", each.dependencies],
    ["p", each.provides],
    ["i", each.installIf],
    ["r", each.replaces],
    ["q", each.replacesPriority],
    ...Object.entries(each.other),
  ];
  const always = new Set(["C", "P", "V", "A", "S", "I", "T", "U", "L"]);
  return fields
    .filter(([letter, value]) => always.has(letter) || (value !== "" && value !== 0))
    .map(([letter, value]) => `${letter}:${value}`);
}

function fileLines({ directories }: InstalledPackage): string[] {
  return directories.flatMap(({ path, access, files }) => [
    `F:${path}`,
    ...(access ? [`M:${formatAccess(access)}`] : []),
    ...files.flatMap((file) => [
      `R:${file.name}`,
      ...(file.access ? [`a:${formatAccess(file.access)}`] : []),
      ...(file.checksum === undefined ? [] : [`Z:${file.checksum}`]),
    ]),
  ]);
}

function formatAccess({ uid, gid, mode }: Access): string {
  return `${uid}:${gid}:${mode.toString(8)}`;
}

function readIfThere(root: string, path: string): string {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
