import { readFile } from "node:fs/promises";
import { z } from "zod";
import { BRANCH, DATE } from "../catalog/schema/formats.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { messageOf, UserError } from "../system/errors.ts";
import type { Download } from "../upstream/download.ts";

/** A branch of Alpine, and the day on which its support ends. */
export interface AlpineBranch {
  /** `3.22` */
  readonly name: string;
  /** `2027-05-01` */
  readonly eol: string;
  /** The day on which its repository community ends, where that is said: when the next branch comes. */
  readonly community?: string;
}

/** Fetches what a server has at a URL; undefined where there is nothing. */
export type FetchDocument = (url: string) => Promise<Pick<Download, "bytes" | "keep"> | undefined>;

/** As much of releases.json as is read here. Other fields are ignored. */
const releasesSchema = z.object({
  release_branches: z
    .array(
      z.object({
        rel_branch: z.string(),
        eol_date: z.string().nullish(),
        repos: z.array(z.object({ name: z.string(), eol_date: z.string().nullish() })).nullish(),
      }),
    )
    .min(1),
});

/**
 * The branches in Alpine's releases.json that have a number and an end, newest first: not `edge`, which never ends, nor
 * those before 3.0, which nothing is built on. Source of the format: https://alpinelinux.org/releases.json
 * @param name what the text is of, for the error
 * @throws UserError when the text is not such a document
 */
export function parseReleases(name: string, text: string): AlpineBranch[] {
  const refusal = (why: string) => new UserError(`${name} is not like Alpine's releases.json: ${why}`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw refusal(messageOf(error));
  }
  const { data, error } = releasesSchema.safeParse(document);
  if (!data) throw refusal(z.prettifyError({ issues: error.issues.slice(0, 5) }));
  return data.release_branches
    .map(({ rel_branch, eol_date, repos }) => {
      const community = repos?.find(({ name }) => name === "community")?.eol_date ?? "";
      const known = DATE.pattern.test(community) ? { community } : {};
      return { name: rel_branch.replace(/^v/, ""), eol: eol_date ?? "", ...known };
    })
    .filter(({ name, eol }) => BRANCH.pattern.test(name) && DATE.pattern.test(eol))
    .sort((a, b) => compareVersions(b.name, a.name));
}

/**
 * Reads the branches from a URL or from a file, and keeps a good copy of what was fetched.
 * @throws UserError when the file cannot be read, or what is there is no releases.json
 * @throws whatever `fetchDocument` throws
 */
export async function readReleases(location: string, fetchDocument: FetchDocument): Promise<AlpineBranch[]> {
  if (!/^https?:\/\//.test(location)) {
    const text = await readFile(location, "utf8").catch((error: unknown) => {
      throw new UserError(
        `${location}: ${messageOf(error)}`,
        "the catalog's sources.releases names this file; a copy of https://alpinelinux.org/releases.json will do",
      );
    });
    return parseReleases(location, text);
  }
  const fetched = await fetchDocument(location);
  if (!fetched) throw new Error("there is no such document");
  const branches = parseReleases(location, fetched.bytes.toString("utf8"));
  await fetched.keep(0);
  return branches;
}
