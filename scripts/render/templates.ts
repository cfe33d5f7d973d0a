import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import Handlebars from "handlebars";
import type { Catalog, Target } from "../catalog/target.ts";

/** Renders the Dockerfile of a target. */
export type DockerfileTemplate = (target: Target, catalog: Catalog) => string;

/** Reads `runtime.hbs`, `dev.hbs` and `partials/` from a directory and compiles them. */
export async function loadTemplates(directory: string): Promise<DockerfileTemplate> {
  const handlebars = Handlebars.create();
  handlebars.registerHelper({ world, json, quote, or, list, folder });
  const partials = join(directory, "partials");
  for (const file of await readdir(partials)) {
    handlebars.registerPartial(basename(file, ".hbs"), await readFile(join(partials, file), "utf8"));
  }
  const compile = async (name: string) =>
    handlebars.compile(await readFile(join(directory, `${name}.hbs`), "utf8"), {
      noEscape: true,
      strict: false,
    });
  const templates = { runtime: await compile("runtime"), dev: await compile("dev") };
  return (target, catalog) => templates[target.variant](viewOf(target, catalog));
}

/** What a template sees. The first step of a dev image is the same for all, hence apart. */
function viewOf(target: Target, catalog: Catalog) {
  const tools = target.shared;
  return {
    target,
    sources: catalog.sources,
    tools,
    rest: target.world.filter((item) => !tools.includes(item)),
  };
}

/** Packages as words of a shell command. */
function world(items: readonly string[]): string {
  return items.map((item) => (/^[\w.+~=-]+$/.test(item) ? item : `'${item}'`)).join(" ");
}

/** The exec form of ENTRYPOINT and CMD. */
function json(value: unknown): string {
  return JSON.stringify(value);
}

/** A value of ENV: quoted, with what Docker would expand escaped. */
function quote(value: string): string {
  return `"${value.replace(/[\\"$]/g, "\\$&")}"`;
}

/** A list as one argument. */
function list(items: readonly string[]): string {
  return items.join(",");
}

/** The folder that a path lies in; nothing for the root. */
function folder(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function or<T>(first: T, second: T): T {
  return first || second;
}
