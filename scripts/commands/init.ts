import { join } from "node:path";
import { stdin } from "node:process";
import { answersOf, type InitOptions } from "../app/init-answers.ts";
import { asksForBirdhouse, initFiles, isInstalledIn, writeFilesOf } from "../app/init-files.ts";
import { openTerminal } from "../app/init-terminal.ts";
import { workflowsOf } from "../app/init-workflow.ts";
import { OWN_CATALOG } from "../app/paths.ts";
import { loadCatalog } from "../catalog/load.ts";
import { PROJECT, VERSION } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";
import { print, printError } from "../system/shown/output.ts";
import { typed } from "../system/shown/started.ts";

/** Begins a catalog in this folder. */
export async function init(options: InitOptions & { readonly workflows?: string }): Promise<void> {
  const folder = process.cwd();
  if (folder === PROJECT) {
    throw new UserError("this is Birdhouse's own folder, which has its catalog", "go to an empty one");
  }
  const workflows = workflowsOf(options.workflows);
  const { targets } = await loadCatalog(OWN_CATALOG);
  const terminal = stdin.isTTY && !options.yes ? openTerminal() : undefined;
  const place = { folder, parent: targets, today: new Date() };
  const answers = await answersOf(options, place, terminal?.ask, printError).finally(() => terminal?.close());
  const { written, left } = await writeFilesOf(folder, await initFiles(answers, folder, workflows));
  if (written.length > 0) print(`written: ${written.join(", ")}`);
  if (left.length > 0) print(`left as they were: ${left.join(", ")}`);
  if (left.includes("package.json") && !(await asksForBirdhouse(folder))) {
    print(`package.json does not name Birdhouse: npm install --save-exact birdhouse@${VERSION}`);
  }
  const isInstalled = isInstalledIn(folder);
  // Once npm has installed what package.json names, whatever was started here.
  const later = { packaged: true, home: join(folder, "node_modules/birdhouse"), folder };
  print(
    [
      "",
      "Next:",
      ...(isInstalled ? [] : ["  npm install"]),
      `  ${typed("plan", [], [], later)}`,
      `  ${typed("rebuild", [], [], later)}`,
    ].join("\n"),
  );
}
