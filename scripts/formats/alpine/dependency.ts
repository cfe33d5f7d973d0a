import { quotedStart } from "../../system/shown/clean-text.ts";
import { type Operator, satisfies } from "./version.ts";

/**
 * One word of a world or of a package's dependencies, taken apart. Whatever stands before the operator is
 * the name: a package's, or something that packages provide, as in `so:libz.so.1`, `cmd:node`, `/bin/sh`.
 * Source: apk-world(5).
 */
export interface Dependency {
  readonly name: string;
  /** `!name`: this must not be there. With a version, no such version must. */
  readonly conflict: boolean;
  readonly constraint?: { readonly operator: Operator; readonly version: string };
  /** `name@tag`: take it from the repository with this tag. */
  readonly tag?: string;
}

/** What a package offers under a name. Without a version several packages may offer the same name. */
export interface Provision {
  readonly name: string;
  readonly version?: string;
}

/** A version may have a `~` in it, before the hash of a commit: `1.0~abc123-r0`. */
const WORD =
  /^(?<conflict>!?)(?<name>[^!<>=~@\s]+)(?:(?<operator>[<>=~]+)(?<version>[^<>=~@\s][^<>=@\s]*))?(?:@(?<tag>\S+))?$/;

/** All the ways to write an operator. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  "=": "=",
  "~": "~",
  "=~": "~",
  "~=": "~",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "<~": "<~",
  ">~": ">~",
};

/**
 * Takes apart `name`, `name=1`, `name~1`, `name>=1`, `!name`, `so:libz.so.1`, `name@tag`.
 *
 * @throws Error when the text is none of these
 */
export function parseDependency(text: string): Dependency {
  const parts = WORD.exec(text)?.groups;
  if (!parts) throw new Error(`not an apk dependency: ${quotedStart(text)}`);
  const { conflict, name = "", operator, version = "", tag } = parts;
  const dependency = { name, conflict: conflict === "!", ...(tag !== undefined && { tag }) };
  if (operator === undefined) return dependency;
  const known = OPERATORS[operator];
  if (known === undefined)
    throw new Error(`unknown operator ${operator.slice(0, 9)} in ${quotedStart(text)}`);
  return { ...dependency, constraint: { operator: known, version } };
}

/** All the words of a field such as Package.dependencies. @throws Error when one is not a dependency */
export function parseDependencies(text: string): Dependency[] {
  return words(text).map((one) => parseDependency(one));
}

/** A name may be any file's: Alpine 3.12 has a package that provides `cmd:kdevelop!`. */
const PROVISION = /^(?<name>[^=\s]+)(?:=(?<version>[^<>=~@\s][^<>=@\s]*))?$/;

/** Takes apart `cmd:node=22.16.0-r2` or a bare name. @throws Error when the text is neither */
export function parseProvision(text: string): Provision {
  const parts = PROVISION.exec(text)?.groups;
  if (!parts) throw new Error(`not an apk provision: ${quotedStart(text)}`);
  const { name = "", version } = parts;
  return version === undefined ? { name } : { name, version };
}

/** All words of a field at once, each as PROVISION has it: an index has tens of thousands of fields. */
const PROVISIONS = /^ *(?:[^= \t]+(?:=[^<>=~@ \t][^<>=@ \t]*)?(?: +|$))*$/;

/** Whether parseProvisions() understands a field. */
export function areProvisions(text: string): boolean {
  return PROVISIONS.test(text);
}

/** All the words of Package.provides. @throws Error when one is not a provision */
export function parseProvisions(text: string): Provision[] {
  return words(text).map((one) => parseProvision(one));
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

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
