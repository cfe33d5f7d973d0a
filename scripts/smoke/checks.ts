import { type Built, installedVersion } from "../build/built.ts";
import { RejectedError } from "../model/stage.ts";
import type { ProcessResult } from "../system/process/process.ts";

const NONROOT = "65532:65532";
const GREETING = "hello, world";

/** A runtime image has no package manager and does not run as root. Dev images have both by design. */
export function checkContents({ target, platforms }: Built): void {
  if (target.variant === "dev") return;
  for (const { platform, packageManagers, config } of platforms) {
    const where = `${target.name} (${platform})`;
    if (packageManagers.length > 0) {
      throw new RejectedError(target.name, `${where} has a package manager: ${packageManagers.join(", ")}`);
    }
    const user = config.config?.User;
    if (user !== NONROOT)
      throw new RejectedError(target.name, `${where} runs as ${user || "root"}, not as ${NONROOT}`);
  }
}

/** The installed version is of the track that the tag promises: 22.16.0 is of 22, 22.16.0 is not of 2. */
export function checkTrack({ target }: Built, version: string): void {
  if (version === target.version || version.startsWith(`${target.version}.`)) return;
  throw new RejectedError(
    target.name,
    `${target.name} has ${target.package} ${version}, which is no ${target.version}`,
  );
}

/**
 * All platforms hold the same version of what the image is about: Alpine's builders of one architecture may be behind
 * those of another for an hour, and a tag tells one version.
 */
export function checkSameVersion({ target, platforms }: Built): void {
  const versions = platforms.flatMap(({ platform, installed }) => {
    const version = installed.find(({ name }) => name === target.package)?.version.replace(/-r\d+$/, "");
    return version === undefined ? [] : [{ platform, version }];
  });
  const [first] = versions;
  const other = versions.find(({ version }) => version !== first?.version);
  if (!first || !other) return;
  throw new RejectedError(
    target.name,
    `${target.name} has ${target.package} ${first.version} for ${first.platform} and ${other.version} for ` +
      `${other.platform}: Alpine's packages of one are behind the other's, which mostly passes within a day`,
  );
}

/** The program says of itself that it is of the version that is installed. */
export function checkVersionOutput(built: Built, result: ProcessResult): void {
  const version = installedVersion(built);
  expectSuccess(built, result);
  if (version !== undefined && mentions(result.output, version)) return;
  throw new RejectedError(
    built.target.name,
    `${built.target.name} has ${built.target.package} ${version}, but the program says: ${result.output.trim()}`,
  );
}

export function checkGreeting(built: Built, result: ProcessResult): void {
  checkOutput(built, result, GREETING);
}

/** A program ended well and printed what it should, but for the white space around it. */
export function checkOutput(built: Built, result: ProcessResult, expected: string): void {
  expectSuccess(built, result);
  if (result.stdout.trim() === expected.trim()) return;
  throw new RejectedError(
    built.target.name,
    `${built.target.name} should print "${expected.trim()}" and printed: ${result.output.trim()}`,
  );
}

/** @param command what was run, where the output alone would not tell */
export function expectSuccess(
  { target }: Built,
  { exitCode, output }: ProcessResult,
  command: readonly string[] = [],
): void {
  if (exitCode === 0) return;
  const what = command.length > 0 ? `\`${command.join(" ")}\`` : "the command";
  throw new RejectedError(
    target.name,
    `in ${target.name} ${what} ended with exit code ${exitCode}: ${output.trim()}`,
  );
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
