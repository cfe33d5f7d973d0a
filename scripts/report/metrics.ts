import { cleanLine } from "../system/shown/clean-text.ts";

/** A gauge: what a number means, and its values. */
export interface Metric {
  /** With its unit: `birdhouse_last_success_timestamp_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Characters of a label's value. */
const LONGEST = 200;

/**
 * Metrics as Prometheus' node exporter reads them from a file. All are gauges: each is what the last command found. One
 * without values is left out, as what is not known is not nought. Pure.
 * Source: prometheus.io, "Exposition formats", text-based format
 */
export function metricsText(metrics: readonly Metric[]): string {
  const lines = metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, samples }) => [
      `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${name} gauge`,
      ...samples.map((sample) => `${seriesOf(name, sample.labels)} ${sample.value}`),
    ]);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function seriesOf(name: string, labels: Sample["labels"]): string {
  const words = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return words.length === 0 ? name : `${name}{${words.join(",")}}`;
}

function escaped(value: string): string {
  return cleanLine(value, LONGEST).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** What ran, and how it ended. */
export interface Ending {
  /** `rebuild` */
  readonly command: string;
  /** `HOST/NAMESPACE` */
  readonly registry: string;
  readonly at: Date;
  readonly exitCode: number;
}

const SUCCESS = "birdhouse_last_success_timestamp_seconds";

/**
 * When a command last ran and last succeeded, and its exit code. Pure.
 * @param before the file as the command before left it: a failure keeps the time of the success before it
 */
export function endingMetrics({ command, registry, at, exitCode }: Ending, before: string): Metric[] {
  const labels = { registry, command };
  const now = Math.round(at.getTime() / 1000);
  const success = exitCode === 0 ? now : valueIn(before, seriesOf(SUCCESS, labels));
  const one = (value: number | undefined) => (value === undefined ? [] : [{ labels, value }]);
  return [
    { name: SUCCESS, help: "When the command last ended with 0, in Unix time.", samples: one(success) },
    {
      name: "birdhouse_last_run_timestamp_seconds",
      help: "When the command last ended, in Unix time.",
      samples: one(now),
    },
    {
      name: "birdhouse_last_exit_code",
      help: "The exit code that the command last ended with.",
      samples: one(exitCode),
    },
  ];
}

function valueIn(text: string, series: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  const value = Number(line?.slice(series.length + 1));
  return line === undefined || !Number.isFinite(value) ? undefined : value;
}
