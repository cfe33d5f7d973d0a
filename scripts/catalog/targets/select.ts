import type { Target } from "../../model/target.ts";
import { UserError } from "../../system/errors.ts";
import { typed } from "../../system/shown/started.ts";
import { nearest } from "../text/problems.ts";

/**
 * The targets that a command line names, in the catalog's order and each once. `node` is every version and
 * variant of an image; `node:22`, `node:22-dev`, `node:lts` is the one target that has this tag; a `*` stands for any
 * letters, so `node:*` is as `node`, and `*-dev` is every dev variant. No patterns at all means all targets.
 *
 * @throws UserError for each pattern that names no target, with the names that are near
 */
export function selectTargets(targets: readonly Target[], patterns: readonly string[]): Target[] {
  if (patterns.length === 0) return [...targets];
  const wanted = new Set(patterns.filter((pattern) => !isGlob(pattern)));
  const known = new Set(targets.flatMap((target) => namesOf(target)));
  const globs = [...new Set(patterns.filter((pattern) => isGlob(pattern)))];
  const idle = globs.filter((glob) => ![...known].some((name) => fits(name, glob)));
  const unknown = [...[...wanted].filter((pattern) => !known.has(pattern)), ...idle];
  if (unknown.length > 0) {
    throw new UserError(
      unknown.map((pattern) => unknownTarget(targets, pattern)).join("\n"),
      `${typed("list")} shows all targets`,
    );
  }
  const isWanted = (name: string) => wanted.has(name) || globs.some((glob) => fits(name, glob));
  return targets.filter((target) => namesOf(target).some((name) => isWanted(name)));
}

/** Whether a pattern names a version, and not only an image, or whatever is of a shape. */
export function namesVersion(pattern: string): boolean {
  return pattern.includes(":") && !isGlob(pattern);
}

function isGlob(pattern: string): boolean {
  return pattern.includes("*");
}

/** Whether a name is of a shape. In no pattern of the language, as those can take long to say no. */
function fits(name: string, glob: string): boolean {
  const [first = "", ...others] = glob.split("*");
  const last = others.pop() ?? "";
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/** What a target may be called: by its image, and by each of its tags. */
function namesOf({ image, tags }: Target): string[] {
  return [image, ...tags.map((tag) => `${image}:${tag}`)];
}

function unknownTarget(targets: readonly Target[], pattern: string): string {
  const image = pattern.split(":", 1)[0];
  const ofImage = targets.filter((target) => target.image === image).map(({ name }) => name);
  if (ofImage.length > 0) return `there is no target "${pattern}"; ${image} has ${ofImage.join(", ")}`;
  const images = new Set(targets.map((target) => target.image));
  const names = pattern.includes(":") ? targets.map(({ name }) => name) : [...images];
  const near = nearest(pattern, names);
  const advice =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${[...images].join(", ")}`;
  return `there is no target "${pattern}"; ${advice}`;
}
