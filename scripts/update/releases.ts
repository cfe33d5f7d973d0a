import { readFile } from "node:fs/promises";
import { z } from "zod";
import { BRANCH, DATE } from "../catalog/schema/formats.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { messageOf, UserError } from "../system/errors.ts";

/** A branch of Alpine, and the day on which its support ends. */
export interface AlpineBranch {
  /** `3.22` */
  readonly name: string;
  /** `2027-05-01` */
  readonly eol: string;
}

/** What a server has, and how to keep a copy of it once it has been found good. */
export interface FetchedText {
  readonly text: string;
  keep(): Promise<void>;
}

/** Fetches the text at a URL; undefined where there is none. */
export type FetchText = (url: string) => Promise<FetchedText | undefined>;

/** As much of releases.json as is read here. Other fields are ignored. */
const releasesSchema = z.object({
  release_branches: z.array(z.object({ rel_branch: z.string(), eol_date: z.string().nullish() })).min(1),
});

/**
 * The branches in Alpine's releases.json that have a number and an end, newest first: not `edge`, which never
 * ends, nor those before 3.0, which nothing is built on.
 *
 * Source of the format: https://alpinelinux.org/releases.json
 *
 * @param name what the text is of, for the error
 * @throws UserError when the text is not such a document
 */
export function parseReleases(name: string, text: string): AlpineBranch[] {
  const parsed = releasesSchema.safeParse(parseJson(name, text));
  if (!parsed.success)
    throw notReleases(name, z.prettifyError(new z.ZodError(parsed.error.issues.slice(0, 5))));
  return parsed.data.release_branches
    .map(({ rel_branch, eol_date }) => ({ name: rel_branch.replace(/^v/, ""), eol: eol_date ?? "" }))
    .filter(({ name, eol }) => BRANCH.pattern.test(name) && DATE.pattern.test(eol))
    .sort((a, b) => compareVersions(b.name, a.name));
}

/**
 * Reads the branches from a URL or from a file.
 *
 * @param location a URL, or the path of a file
 * @throws UserError when the file cannot be read, or what is there is no releases.json
 * @throws whatever `fetchText` throws
 */
export async function readReleases(location: string, fetchText: FetchText): Promise<AlpineBranch[]> {
  if (!/^https?:\/\//.test(location)) return parseReleases(location, await readReleasesFile(location));
  const fetched = await fetchText(location);
  if (!fetched) throw new Error("there is no such document");
  const branches = parseReleases(location, fetched.text);
  await fetched.keep();
  return branches;
}

async function readReleasesFile(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    throw new UserError(
      `${path}: ${messageOf(error)}`,
      "the catalog's sources.releases names this file; a copy of https://alpinelinux.org/releases.json will do",
    );
  });
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notReleases(name, messageOf(error));
  }
}

function notReleases(name: string, reason: string): UserError {
  return new UserError(`${name} is not like Alpine's releases.json: ${reason}`);
}
