import { join } from "node:path";
import { pathToFileURL } from "node:url";

const CLOCK = pathToFileURL(join(import.meta.dirname, "scripted-clock.mjs")).href;

/** What makes the command line take a moment for now, and go on from there. */
export function environmentAt(moment: Date): Record<string, string> {
  const options = `${process.env.NODE_OPTIONS ?? ""} --import=${CLOCK}`;
  return { NODE_OPTIONS: options, BIRDHOUSE_TEST_NOW: moment.toISOString() };
}
