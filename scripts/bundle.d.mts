import type { BuildResult } from "esbuild";

export const NOT_PACKED: readonly string[];
export function makeBundle(options: {
  readonly outdir: string;
  readonly build: string;
  readonly isPackage?: boolean;
}): Promise<BuildResult<{ metafile: true }>>;
