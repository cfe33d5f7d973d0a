import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { endingMetrics, type Metric, metricsText } from "../report/metrics.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import type { MetricsOption } from "./options.ts";
import { exitCodeOfError } from "./result.ts";
import type { Session } from "./session.ts";

/** @throws UserError where a file's folder is not there */
async function refuseMissingFolder(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  const problem = found ? "is no folder" : "is not there";
  throw new UserError(
    `--metrics ${file}: ${folder} ${problem}`,
    "name one that is there: node exporter reads one folder",
  );
}

/**
 * Does the work of a command, and writes its metrics to a file, whether it succeeds or fails; without a file, only does it.
 * @param use is given what takes its metrics, and sets the exit code of the process
 * @throws what `use` throws; UserError where the folder of the file is not there; FileError where the file cannot be written
 */
export async function withMetrics(
  { metrics: file }: MetricsOption,
  { catalog, listener }: Pick<Session, "catalog" | "listener">,
  command: string,
  use: (tell: (metrics: readonly Metric[]) => void) => Promise<void>,
): Promise<void> {
  let told: readonly Metric[] = [];
  const work = () =>
    use((metrics) => {
      told = metrics;
    });
  if (file === undefined) {
    await work();
    return;
  }
  // Nobody would read a file in a folder that is there by a mistake in its name. Before hours are spent.
  await refuseMissingFolder(file);
  const write = async (exitCode: number) => {
    // Without an earlier one there is no earlier success.
    const before = await readFile(file, "utf8").catch(() => "");
    const ending = { command, registry: catalog.registry, at: new Date(), exitCode };
    await writeWhole(file, metricsText([...endingMetrics(ending, before), ...told]), { follow: true });
  };
  try {
    await work();
  } catch (error) {
    await write(exitCodeOfError(error)).catch((problem: unknown) =>
      listener({ type: "note", text: `cannot write the metrics: ${messageOf(problem)}` }),
    );
    throw error;
  }
  await write(Number(process.exitCode ?? 0));
}
