import type { CommonOptions, DryRunOption } from "../app/options.ts";
import { imagesBeside, templateFolders } from "../app/paths.ts";
import { printResult } from "../app/result.ts";
import { loadCatalog } from "../catalog/load.ts";
import { renderCatalog } from "../render/files.ts";
import { differencesOf, renderAll, writeRendering } from "../render/rendering.ts";
import { loadReadmeTemplates, loadTemplates } from "../render/templates.ts";
import { count } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";

/** Writes `images/` and the READMEs, or says how they differ. */
export async function render(options: CommonOptions & DryRunOption & { check: boolean }): Promise<void> {
  const catalog = await loadCatalog(options.catalog);
  const dockerfiles = renderCatalog(catalog, await loadTemplates(...templateFolders(catalog)));
  const readmes = await loadReadmeTemplates(...templateFolders(catalog));
  const rendering = await renderAll(catalog, imagesBeside(options.catalog), dockerfiles, readmes);
  const differences = await differencesOf(rendering);
  const dry = options.check || options.dryRun;
  if (!dry && differences.length > 0) await writeRendering(rendering, differences);
  if (options.check && differences.length > 0) process.exitCode = 1;
  const files = rendering.files.size;
  const ending = dry ? `differ; \`${typed("render")}\` writes them` : "written";
  const verdict =
    differences.length === 0
      ? `All files are up to date (${count(files, "file")}).`
      : `${count(differences.length, "file")} of ${files} ${ending}.`;
  printResult(
    options,
    "render",
    () => [...(dry ? differences.map(({ patch }) => patch) : []), verdict].join("\n"),
    () => ({ files, differences }),
  );
}
