import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { tryJson } from "../../scripts/system/json.ts";
import type { PackagePlan } from "./package-plan.ts";
import type { SigningKey } from "./signing-key.ts";
import { TRIMMING_RULES } from "./trimming.ts";

/**
 * What a mirror's packages were made of. One that gets another language has most of them as they are: to convert them anew
 * would take a minute.
 */

/** The file in the mirror that tells of its packages. */
const FILE = "made.json";

const madeSchema = z.record(z.string(), z.object({ path: z.string(), indexEntry: z.string() }));

/** A package that is there. */
export interface MadePackage {
  /** Of its file. In the mirror's own record it is seen from there. */
  readonly path: string;
  readonly indexEntry: string;
}

/** By what each was made of, as {@link madeOf} tells it. */
export type MadePackages = ReadonlyMap<string, MadePackage>;

/** What packages are made of beside their own sources. */
export interface Making {
  /** Raised when a change of the code makes others of the same sources. */
  readonly format: number;
  readonly key: SigningKey;
  readonly architecture: string;
}

/**
 * What a package is made of, in one word: the same word is the same package. Pure.
 * @param versions of all sources that it may take from
 */
export function madeOf(
  plan: PackagePlan,
  versions: { readonly debian: ReadonlyMap<string, string>; readonly npm: ReadonlyMap<string, string> },
  { format, key, architecture }: Making,
): string {
  const sources = plan.debian.map((name) => [name, versions.debian.get(name)]);
  const npm = plan.npm && versions.npm.get(plan.npm.spec);
  const all = [format, key.publicKey, architecture, TRIMMING_RULES, plan, sources, npm];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

/** The packages of the mirror that stands: those whose files are there. None where it tells of none. */
export async function openMade(mirror: string): Promise<MadePackages> {
  const text = await readFile(join(mirror, FILE), "utf8").catch(() => "");
  const told = madeSchema.safeParse(tryJson(text)).data ?? {};
  const made = Object.entries(told).map(
    ([of, one]) => [of, { ...one, path: join(mirror, one.path) }] as const,
  );
  return new Map(made.filter(([, { path }]) => existsSync(path)));
}

/** What a mirror tells of its packages, for the next one: a file's name and text. @param made with paths seen from the mirror */
export function madeFile(made: MadePackages): { readonly name: string; readonly text: string } {
  return { name: FILE, text: `${JSON.stringify(Object.fromEntries([...made].sort()), null, 1)}\n` };
}
