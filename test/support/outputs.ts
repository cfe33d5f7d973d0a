import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const SCHEMAS = new URL("../../docs/json/", import.meta.url);
const compiled = new Map<string, ValidateFunction>();

/** The documents that were looked at in this process, by the name of their schema. */
export const seenOutputs: ReadonlySet<string> = new Set<string>();

/**
 * What a command printed with `--json`, once an independent reader found it to be as docs/json says.
 * @throws Error with what is not
 */
export function validOutput(stdout: string): Record<string, unknown> {
  const document = JSON.parse(stdout) as Record<string, unknown>;
  const name = "error" in document ? "error" : String(document.command).replace(/[^a-z]+/g, "-");
  const validate = compiled.get(name) ?? compile(name);
  compiled.set(name, validate);
  (seenOutputs as Set<string>).add(name);
  if (validate(document)) return document;
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  throw new Error(`${name} is not as docs/json/${name}.schema.json says:\n${problems.join("\n")}\n${stdout}`);
}

function compile(name: string): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  // Its types are of CommonJS.
  (addFormats as unknown as (one: Ajv2020) => void)(ajv);
  return ajv.compile(JSON.parse(readFileSync(new URL(`${name}.schema.json`, SCHEMAS), "utf8")));
}
