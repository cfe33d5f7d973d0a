import type { CommonOptions } from "../app/options.ts";
import { imagesBeside, TEMPLATES } from "../app/paths.ts";
import { printResult } from "../app/result.ts";
import { loadCatalog } from "../catalog/load.ts";
import { renderCatalog } from "../render/files.ts";
import { differencesOf, renderAll, writeRendering } from "../render/rendering.ts";
import { loadReadmeTemplates, loadTemplates } from "../render/templates.ts";
import { count } from "../system/shown/format.ts";

export interface RenderOptions extends CommonOptions {
  readonly check: boolean;
  readonly dryRun: boolean;
}

/** Writes `images/` and the READMEs, or says how they differ. */
export async function render(options: RenderOptions): Promise<void> {
  const catalog = await loadCatalog(options.catalog);
  const dockerfiles = renderCatalog(catalog, await loadTemplates(TEMPLATES));
  const readmes = await loadReadmeTemplates(TEMPLATES);
  const rendering = await renderAll(catalog, imagesBeside(options.catalog), dockerfiles, readmes);
  const differences = await differencesOf(rendering);
  const dry = options.check || options.dryRun;
  if (!dry && differences.length > 0) await writeRendering(rendering, differences);
  if (options.check && differences.length > 0) process.exitCode = 1;
  const files = rendering.files.size;
  printResult(
    options,
    () =>
      [
        ...(dry ? differences.map(({ patch }) => patch) : []),
        differences.length === 0
          ? `All files are up to date (${count(files, "file")}).`
          : `${count(differences.length, "file")} of ${files} ${dry ? "differ; `make render` writes them" : "written"}.`,
      ].join("\n"),
    () => ({ files, differences }),
  );
}
