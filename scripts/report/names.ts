import { releaseOf } from "../model/target.ts";
import type { PlannedTarget } from "../plan/plan.ts";

/** How many names one line has. */
export const NAMED = 3;

/** Of a target that is not started, since a server is away; which, is told once for all of them. */
export const SOURCE_AWAY = "what it is built from cannot be read";

/** The first names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

/** The releases that targets are of, each once, in their order. */
export function releaseNames(planned: readonly Pick<PlannedTarget, "target">[]): string[] {
  return [...new Set(planned.map(({ target }) => releaseOf(target)))];
}
