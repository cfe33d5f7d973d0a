import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import Handlebars from "handlebars";
import { type FileContent, homeOf, isOwnUser } from "../model/configuration.ts";
import { type Catalog, ownRepositoriesOf, repositoriesOf, type Target } from "../model/target.ts";
import { UNNEEDED } from "../model/unneeded.ts";

/** Renders the Dockerfile of a target. */
export type DockerfileTemplate = (target: Target, catalog: Catalog) => string;

/** Renders Markdown from views: see readmes.ts for what they hold. */
export interface ReadmeTemplates {
  readonly image: (view: object) => string;
  readonly example: (view: object) => string;
  readonly languages: (view: object) => string;
}

/** Reads `runtime.hbs`, `dev.hbs` and `partials/` from a directory and compiles them. */
export async function loadTemplates(directory: string): Promise<DockerfileTemplate> {
  const compile = await openTemplates(directory);
  const templates = { runtime: await compile("runtime"), dev: await compile("dev") };
  return (target, catalog) => templates[target.variant](viewOf(target, catalog));
}

/** Reads `readme.hbs`, `example.hbs`, `languages.hbs` and `partials/` from a directory and compiles them. */
export async function loadReadmeTemplates(directory: string): Promise<ReadmeTemplates> {
  const compile = await openTemplates(directory);
  return {
    image: await compile("readme"),
    example: await compile("example"),
    languages: await compile("languages"),
  };
}

/** Makes ready the partials of a directory, and gives what compiles one of its templates by name. */
async function openTemplates(directory: string) {
  const handlebars = Handlebars.create();
  handlebars.registerHelper({ world, quote, folder, wrap, print, code, cell });
  handlebars.registerHelper({
    /** The exec form of ENTRYPOINT and CMD. */
    json: (value: unknown) => JSON.stringify(value),
    /** A list with one item more, before the others. */
    prefix: (first: string, others: readonly string[]) => [first, ...others],
    /** A list as one argument. */
    list: (items: readonly string[]) => items.join(","),
    is: (first: unknown, second: unknown) => first === second,
    or: <T>(first: T, second: T) => first || second,
  });
  const partials = join(directory, "partials");
  for (const file of await readdir(partials)) {
    handlebars.registerPartial(basename(file, ".hbs"), await readFile(join(partials, file), "utf8"));
  }
  return async (name: string) =>
    handlebars.compile<object>(await readFile(join(directory, `${name}.hbs`), "utf8"), {
      noEscape: true,
      strict: false,
    });
}

/** What a template sees. The first step of a dev image is the same for all, hence apart. */
function viewOf(target: Target, catalog: Catalog) {
  const tools = target.shared;
  const rest = target.world.filter((item) => !tools.includes(item));
  const own = ownRepositoriesOf(catalog, target.branch);
  return {
    target,
    sources: catalog.sources,
    repositories: repositoriesOf(catalog, target.branch),
    tools,
    rest,
    /** Whether packages make Java's key store, and note today's date in it. */
    java: rest.some((item) => /^(?:openjdk|java-)/.test(item)),
    unneeded: UNNEEDED,
    own,
    keys: own.flatMap(({ keys }) =>
      Object.entries(keys).map(([fileName, content]) => ({ fileName, content })),
    ),
    /** Whether a repository wants to be told who we are. */
    auth: catalog.sources.auth === true || own.some(({ auth }) => auth),
    certificates: (catalog.certificates ?? []).map(({ fileName, content }) => {
      return { fileName, content, last: lastLineOf(content) };
    }),
    /** Whether the image must make its user. */
    account: isOwnUser(target.user),
    home: homeOf(target.user),
    // Up to 11 it takes out of Java's classes what only debuggers read. Later it would call for objcopy too, which
    // knows this machine's architecture only, and Alpine's libraries come stripped.
    stripOption: Number(target.version) < 13 ? "--strip-debug" : "--strip-java-debug-attributes",
    /** Whether a package says which release of Alpine this is. */
    release: target.world.some((item) => /^alpine-release\b/.test(item)),
  };
}

/** Packages as words of a shell command. */
function world(items: readonly string[]): string {
  return items.map((item) => (/^[\w.+~=-]+$/.test(item) ? item : `'${item}'`)).join(" ");
}

/** A value of ENV: quoted, with what Docker would expand escaped. */
function quote(value: string): string {
  return `"${value.replace(/[\\"$]/g, "\\$&")}"`;
}

/** The folder that a path lies in; nothing for the root. */
function folder(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Words of a shell command, several to a line, as they stand indented below what begins it. */
function wrap(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join(" \\\n      ");
}

/** How long such a line may become, in characters. */
const WIDTH = 104;

/** What prints a content in a shell: line by line, so that a reader sees it. */
function print(content: FileContent): string {
  if ("base64" in content) return `echo ${content.base64} | base64 -d`;
  const lines = content.lines.map((line) => `      '${line.replaceAll("'", "'\\''")}' \\\n`);
  return lines.length === 0 ? "printf ''" : `printf '%s\\n' \\\n${lines.join("")}     `;
}

/** The last line of a certificate in PEM but its end: hardly two have the same. */
function lastLineOf(content: FileContent): string | undefined {
  return "lines" in content ? content.lines.at(-2) : undefined;
}

/** Words of a program in the cell of a Markdown table, each as code. */
function code(words: string | readonly string[]): string {
  return [words]
    .flat()
    .map((word) => `\`${cell(word)}\``)
    .join(" ");
}

/** A text in the cell of a Markdown table, where a bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
