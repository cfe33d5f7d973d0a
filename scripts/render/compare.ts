import { createTwoFilesPatch } from "diff";
import type { RenderedFiles } from "./files.ts";

/** A file that is not as rendered: its path and a unified diff from what is there to what should be. */
export interface Difference {
  readonly path: string;
  readonly patch: string;
}

/** Where two sets of files differ; a file that is in one only counts as empty in the other. */
export function compareFiles(committed: RenderedFiles, rendered: RenderedFiles): Difference[] {
  const paths = [...new Set([...committed.keys(), ...rendered.keys()])].sort();
  return paths
    .filter((path) => committed.get(path) !== rendered.get(path))
    .map((path) => ({ path, patch: patchOf(path, committed.get(path), rendered.get(path)) }));
}

function patchOf(path: string, before: string | undefined, after: string | undefined): string {
  const from = before === undefined ? "/dev/null" : path;
  const to = after === undefined ? "/dev/null" : path;
  return createTwoFilesPatch(from, to, before ?? "", after ?? "", "committed", "rendered");
}
