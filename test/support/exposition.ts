/**
 * A strict reader of Prometheus' text format, of what node exporter takes from a file: written down from its
 * documentation (prometheus.io, "Exposition formats"), for tests.
 */

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const SERIES = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`,
);

/**
 * Series → value.
 * @throws Error where a line is not of the format, a metric has no help and type before it or stands in two places, or a
 *   series comes twice
 */
export function seriesIn(text: string): Map<string, number> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line does not end");
  const found = new Map<string, number>();
  const described: string[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const [, kind, name = ""] = new RegExp(`^# (HELP|TYPE) (${NAME}) `).exec(line) ?? [];
    if (kind === "HELP") {
      if (described.includes(name)) throw new Error(`${name} stands in two places`);
      described.push(name);
    } else if (kind === "TYPE") {
      if (!line.endsWith(" gauge") || described.at(-1) !== name) throw new Error(`out of place: ${line}`);
    } else {
      const [, metric, , value] = SERIES.exec(line) ?? [];
      const series = line.slice(0, line.lastIndexOf(" "));
      if (metric === undefined || metric !== described.at(-1)) throw new Error(`no series: ${line}`);
      if (found.has(series)) throw new Error(`twice: ${series}`);
      found.set(series, Number(value));
    }
  }
  return found;
}
