import { type Built, installedVersion, sizesOf } from "../build/built.ts";
import type { Special } from "../formats/oci/filesystem.ts";
import { type ImageSizes, type PlatformSizes, partsOf } from "../model/published.ts";
import { RejectedError } from "../model/run.ts";
import type { ProcessResult } from "../system/process/process.ts";
import { formatBytes, formatTable } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";

function reject({ target }: Built, message: string): never {
  throw new RejectedError(target.name, message);
}

/**
 * An image runs as the user that the catalog says, and nobody has a password in it. A runtime image holds nothing that helps who breaks in: no package manager, no device, no
 * program with other rights than its user's, nothing that is for a machine that boots. All layers are looked at, also
 * what an upper one hides. Dev images are Alpine's own, and theirs is theirs.
 */
export function checkContents(built: Built): void {
  const { target, platforms } = built;
  const { uid, gid } = target.user;
  const expected = `${uid}:${gid}`;
  for (const { platform, packageManagers, unneeded, special, passwords, config } of platforms) {
    const where = `${target.name} (${platform})`;
    // Alpine's base image says nothing, which is root.
    const user = config.config?.User || "0:0";
    if (user !== expected) reject(built, `${where} runs as ${user}, not as ${expected}`);
    // Old base images let root in without one (CVE-2019-5021, never mended in 3.5), and dev images are theirs.
    const open = passwords.filter(({ isEmpty }) => !isEmpty || target.variant !== "dev");
    if (open.length > 0) {
      const users = open.map(({ user }) => user).join(", ");
      reject(built, `${where} has users who come in with a password, or without: ${users} (/etc/shadow)`);
    }
    if (target.variant === "dev") continue;
    const of = (kind: Special) => [...special].flatMap(([path, one]) => (one === kind ? [path] : []));
    const unwanted = [
      { what: "a package manager", paths: packageManagers, advice: OTHER_PACKAGES },
      { what: "device nodes or pipes", paths: of("device"), advice: RENDER },
      { what: "files that run with their owner's rights", paths: of("setuid"), advice: RENDER },
      { what: "files that run with their group's rights", paths: of("setgid"), advice: RENDER },
      { what: "what no container needs", paths: unneeded, advice: RENDER },
    ];
    for (const { what, paths, advice } of unwanted) {
      if (paths.length > 0) reject(built, `${where} has ${what}: ${named(paths)}; ${advice}`);
    }
  }
}

const OTHER_PACKAGES = "ask for other packages than the one that brings it, or put its path under `remove`";
const RENDER = `templates/runtime.hbs takes such things out: write the Dockerfiles anew with \`${typed("render")}\``;

/** Paths in a line, the first ones. */
function named(paths: readonly string[]): string {
  const rest = paths.length - SHOWN;
  return [...paths.slice(0, SHOWN).map((path) => `/${path}`), ...(rest > 0 ? [`and ${rest} more`] : [])].join(
    ", ",
  );
}

/** The installed version is of the track that the tag promises: 22.16.0 is of 22, 22.16.0 is not of 2. */
export function checkTrack(built: Built, version: string): void {
  const { name, version: track, package: installed } = built.target;
  if (version === track || version.startsWith(`${track}.`)) return;
  reject(built, `${name} has ${installed} ${version}, which is not a version of ${track}`);
}

/**
 * All platforms hold the same version of what the image is about: Alpine's builders of one architecture may be behind
 * those of another for an hour, and a tag tells one version.
 */
export function checkSameVersion(built: Built): void {
  const { target, platforms } = built;
  const versions = platforms.flatMap((one) => {
    const version = installedVersion({ target, platforms: [one] });
    return version === undefined ? [] : [{ platform: one.platform, version }];
  });
  const [first] = versions;
  const other = versions.find(({ version }) => version !== first?.version);
  if (!first || !other) return;
  reject(
    built,
    `${target.name} has ${target.package} ${first.version} for ${first.platform} and ${other.version} for ` +
      `${other.platform}: Alpine's packages for one are behind the other's, which usually passes within a day`,
  );
}

/** Whether a program ended well and says that it is of the version that is installed. */
export function isVersionOutput(built: Built, { exitCode, output }: ProcessResult): boolean {
  const version = installedVersion(built);
  return exitCode === 0 && version !== undefined && mentions(output, version);
}

/** The program says of itself that it is of the version that is installed. */
export function checkVersionOutput(built: Built, result: ProcessResult): void {
  const { name, package: installed } = built.target;
  const version = installedVersion(built);
  expectSuccess(built, result);
  if (isVersionOutput(built, result)) return;
  reject(built, `${name} has ${installed} ${version}, but the program says: ${result.output.trim()}`);
}

/** Whether a program ended well and printed what it should, but for the white space around it. */
export function isOutput({ exitCode, stdout }: ProcessResult, expected: string): boolean {
  return exitCode === 0 && stdout.trim() === expected.trim();
}

/** A program ended well and printed what it should. */
export function checkOutput(built: Built, result: ProcessResult, expected: string): void {
  expectSuccess(built, result);
  if (isOutput(result, expected)) return;
  const printed = result.output.trim();
  reject(built, `${built.target.name} should print "${expected.trim()}" but printed: ${printed}`);
}

/** @param command what was run, where the output alone would not tell */
export function expectSuccess(
  built: Built,
  { exitCode, output }: ProcessResult,
  command: readonly string[] = [],
): void {
  if (exitCode === 0) return;
  const what = command.length > 0 ? `\`${command.join(" ")}\`` : "the command";
  reject(built, `in ${built.target.name} ${what} ended with exit code ${exitCode}: ${output.trim()}`);
}

/**
 * Whether a text has a version as a word of its own: `v22.16.0` has 22.16.0, `122.16.01` has not. What Alpine
 * puts behind a `_` or a `~` (`21.0.7_p6`, `14.2.0_git20240309`) is its own way to say it.
 */
export function mentions(text: string, version: string): boolean {
  return spellingsOf(version.replace(/[_~].*/s, "")).some((spelling) => wordPattern(spelling).test(text));
}

/** Matches a version where no digit stands around it that would make another of it. */
export function wordPattern(version: string): RegExp {
  return new RegExp(`(?<![\\d.])${version.replace(/[^\w]/g, "\\$&")}(?![\\d]|\\.\\d)`);
}

/** Until 9, Java called itself otherwise: Alpine's 8.452.09 says `1.8.0_452` (JEP 223). */
function spellingsOf(version: string): string[] {
  const java8 = /^8\.(\d+)\.\d+$/.exec(version);
  return java8 ? [version, `1.8.0_${java8[1]}`] : [version];
}

/** How many packages, or paths, a message names. */
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
export function checkBudget(built: Built, published: ImageSizes | undefined): void {
  const { budget = Infinity, name, place } = built.target;
  const over = [...sizesOf(built.platforms)].filter(([, { compressed }]) => compressed > budget);
  if (over.length === 0) return;
  const findings = over.flatMap(([platform, sizes]) => [
    `${name} (${platform}) weighs ${formatBytes(sizes.compressed)} compressed, ` +
      `${formatBytes(sizes.compressed - budget)} more than its budget of ${formatBytes(budget)}`,
    ...explain(sizes, published?.get(platform)),
  ]);
  reject(built, [...findings, `leave something out, or raise the budget: ${place}`].join("\n"));
}

/** What has grown, or what is large where that is not known: a heading, and a line for each package. */
function explain(now: PlatformSizes, before: PlatformSizes | undefined): string[] {
  const grown = before ? growthOf(before, now) : [];
  if (grown.length > 0)
    return ["what has grown since it was published, unpacked:", ...list(grown.map((one) => growthRow(one)))];
  const largest = partsOf(now).filter(({ unpacked }) => unpacked > 0);
  return [
    `${before ? "no package has grown since it was published; " : ""}its largest parts, unpacked:`,
    ...list(largest.map(({ name, unpacked }) => [name, formatBytes(unpacked)])),
  ];
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

/** One line each, the first ones. */
function list(rows: readonly (readonly string[])[]): string[] {
  const lines = formatTable(rows.slice(0, SHOWN)).split("\n");
  const rest = rows.length - SHOWN;
  return [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].map((line) => `  ${line}`);
}
