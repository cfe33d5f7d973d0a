import { loadCatalog } from "../catalog/load.ts";
import { compareFiles } from "../render/compare.ts";
import { readFiles, renderCatalog, writeFiles } from "../render/files.ts";
import { loadTemplates } from "../render/templates.ts";
import { count } from "../report/format.ts";
import type { CommonOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { imagesBeside, TEMPLATES } from "./paths.ts";

export interface RenderOptions extends CommonOptions {
  readonly check: boolean;
  readonly dryRun: boolean;
}

/** Writes `images/`, or says how it differs. */
export async function render(options: RenderOptions): Promise<void> {
  const catalog = await loadCatalog(options.catalog);
  const rendered = renderCatalog(catalog, await loadTemplates(TEMPLATES));
  const images = imagesBeside(options.catalog);
  const differences = compareFiles(await readFiles(images), rendered);
  const dry = options.check || options.dryRun;
  if (!dry && differences.length > 0) await writeFiles(images, rendered);
  if (options.check && differences.length > 0) process.exitCode = 1;
  printResult(
    options,
    () =>
      [
        ...(dry ? differences.map(({ patch }) => patch) : []),
        differences.length === 0
          ? `images/ is as rendered: ${count(rendered.size, "file")}.`
          : `${count(differences.length, "file")} of ${rendered.size} ${dry ? "differ; `make render` writes them" : "written"}.`,
      ].join("\n"),
    () => ({ files: rendered.size, differences }),
  );
}
