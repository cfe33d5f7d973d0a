import { wrap } from "../system/shown/format.ts";
import type { CheckResult, Examined } from "./check.ts";

const SIGNS = { ok: "✔", warn: "!", fail: "✘" } as const;

/**
 * What was found, and what to do about it.
 * @param header what runs here, and on what, by name
 * @param width of a line, in characters
 */
export function doctorText(
  header: Readonly<Record<string, string>>,
  examined: readonly Examined[],
  width?: number,
): string {
  const column = Math.max(...examined.map(({ name }) => name.length)) + 4;
  const indent = " ".repeat(column);
  const wrapped = (text: string, hang = 0) =>
    wrap(text, width === undefined ? undefined : width - column, hang);
  const lines = examined.flatMap(({ name, status, found, advice }) => {
    const [first = "", ...rest] = wrapped(found.trim());
    return [
      `${SIGNS[status]} ${name}`.padEnd(column) + first,
      ...rest.map((line) => `${indent}${line}`),
      ...(advice === undefined || status === "ok" ? [] : wrapped(`→ ${advice}`, 2)).map(
        (line) => `${indent}${line}`,
      ),
    ];
  });
  const number = (status: CheckResult["status"]) => examined.filter((one) => one.status === status).length;
  return [
    ...Object.entries(header).map(([name, value]) => `${name.padEnd(column)}${value}`),
    "",
    ...lines,
    "",
    `${number("ok")} fine, ${number("warn")} to look at, ${number("fail")} to mend.`,
  ].join("\n");
}
