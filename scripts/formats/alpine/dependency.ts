import { quotedStart } from "../../system/shown/clean-text.ts";
import { isOperator, type Operator } from "./version.ts";

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
  const usual = operator === "=~" || operator === "~=" ? "~" : operator;
  if (!isOperator(usual)) throw new Error(`unknown operator ${operator.slice(0, 9)} in ${quotedStart(text)}`);
  return { ...dependency, constraint: { operator: usual, version } };
}

/** All the words of a field such as Package.dependencies. @throws Error when one is not a dependency */
export function parseDependencies(text: string): Dependency[] {
  return words(text).map((one) => parseDependency(one));
}

/** A name may be any file's: Alpine 3.12 has a package that provides `cmd:kdevelop!`. */
const PROVISION = /^(?<name>[^=\s]+)(?:=(?<version>[^<>=~@\s][^<>=@\s]*))?$/;

/** All words of a field at once, each as PROVISION has it: an index has tens of thousands of fields. */
const PROVISIONS = /^ *(?:[^= \t]+(?:=[^<>=~@ \t][^<>=@ \t]*)?(?: +|$))*$/;

/** Whether parseProvisions() understands a field. */
export function areProvisions(text: string): boolean {
  return PROVISIONS.test(text);
}

/** All the words of Package.provides: `cmd:node=22.16.0-r2` or a bare name. @throws Error when one is neither */
export function parseProvisions(text: string): Provision[] {
  return words(text).map((word) => {
    const { name, version } = PROVISION.exec(word)?.groups ?? {};
    if (name === undefined) throw new Error(`not an apk provision: ${quotedStart(word)}`);
    return version === undefined ? { name } : { name, version };
  });
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
