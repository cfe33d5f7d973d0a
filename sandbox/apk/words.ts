import type { Dependency, Provision } from "../../scripts/formats/alpine/dependency.ts";
import { satisfies } from "../../scripts/formats/alpine/version.ts";

/** The word that was taken apart. */
export function formatDependency(dependency: Dependency): string {
  const { name, conflict, constraint, tag } = dependency;
  const wanted = constraint === undefined ? "" : constraint.operator + constraint.version;
  return `${conflict ? "!" : ""}${name}${wanted}${tag === undefined ? "" : `@${tag}`}`;
}

/** Whether what is offered under the dependency's name is what it asks for; its `!` is left out of account. */
export function matches(dependency: Dependency, offered: Provision): boolean {
  if (dependency.name !== offered.name) return false;
  const { constraint } = dependency;
  if (constraint === undefined) return true;
  return offered.version !== undefined && satisfies(offered.version, constraint.operator, constraint.version);
}
