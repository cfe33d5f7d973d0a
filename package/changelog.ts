import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What release-it asks about CHANGELOG.md: `close VERSION` gives what is unreleased the number and the day of a version,
 * and `notes VERSION` prints what it says of one.
 */

const UNRELEASED = /^## Unreleased(?![^\s,])[^\n]*$/m;

/**
 * The text with what is unreleased as a version of its own, and an empty place for what comes next. Pure.
 * @param version such as `0.2.0`
 * @param day such as `2026-11-30`
 * @throws Error where nothing is unreleased, or the version has a place already
 */
export function closeVersion(text: string, version: string, day: string): string {
  if (notesOf(text, version) !== undefined) throw new Error(`CHANGELOG.md has ${version} already`);
  if (!notesOf(text, "Unreleased")) {
    throw new Error("CHANGELOG.md has nothing below Unreleased: say there what this version brings");
  }
  return text.replace(UNRELEASED, () => `## Unreleased\n\n## ${version}, ${day}`);
}

/** What stands below the heading of a version, or of `Unreleased`; undefined where there is no such heading. Pure. */
export function notesOf(text: string, version: string): string | undefined {
  const sections = `\n${text}`.split("\n## ").slice(1);
  const found = sections.find((one) => /^[^\s,]*/.exec(one)?.[0] === version);
  return found?.slice(found.indexOf("\n")).trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [verb, version = ""] = process.argv.slice(2);
  const file = resolve(import.meta.dirname, "../CHANGELOG.md");
  const text = readFileSync(file, "utf8");
  if (verb === "close") {
    writeFileSync(file, closeVersion(text, version, new Date().toISOString().slice(0, 10)));
  } else {
    process.stdout.write(`${notesOf(text, version) ?? ""}\n`);
  }
}
