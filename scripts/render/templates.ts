import Handlebars from "handlebars";
import { type FileContent, homeOf, isOwnUser } from "../model/configuration.ts";
import { ownRepositoriesOf, repositoriesOf } from "../model/repositories.ts";
import type { Catalog, Target } from "../model/target.ts";
import { UNNEEDED } from "../model/unneeded.ts";
import { UserError } from "../system/errors.ts";
import { RENDER_COMMAND } from "../system/shown/started.ts";
import { isMarked, MARK } from "./mark.ts";
import { readTemplateFiles, type TemplateName } from "./template-files.ts";

/** Renders the Dockerfile of a target. */
export type DockerfileTemplate = (target: Target, catalog: Catalog) => string;

/** Renders Markdown from views: see readmes.ts for what they hold. */
export interface ReadmeTemplates {
  readonly image: (view: object) => string;
  readonly example: (view: object) => string;
  readonly languages: (view: object) => string;
}

/**
 * Reads `runtime.hbs`, `dev.hbs` and `partials/` of some folders and compiles them.
 * @param folders Birdhouse's own; behind it those of the catalog's, whose files stand instead of those of their names
 * @throws CatalogError with all that is wrong with the catalog's own
 */
export async function loadTemplates(...folders: readonly string[]): Promise<DockerfileTemplate> {
  const { compile, files } = await openTemplates(folders);
  const templates = { runtime: compile("runtime"), dev: compile("dev") };
  return (target, catalog) => {
    const name = templateOf(target);
    const text = templates[name](viewOf(target, catalog));
    const problem = files.own.size > 0 ? dockerfileProblem(text, name) : undefined;
    if (problem === undefined) return text;
    const { file = "" } = files.templates.get(name) ?? {};
    throw new UserError(
      `${file}: what it renders cannot be used: ${problem}`,
      "docs/catalog.md says what it must have",
    );
  };
}

/** Reads `readme.hbs`, `example.hbs`, `languages.hbs` and `partials/` of some folders likewise. */
export async function loadReadmeTemplates(...folders: readonly string[]): Promise<ReadmeTemplates> {
  const { compile, files } = await openTemplates(folders);
  const marked = (name: "readme" | "example") => {
    const template = compile(name);
    return (view: object) => {
      const text = template(view);
      if (isMarked(text)) return text;
      const { file = "" } = files.templates.get(name) ?? {};
      throw new UserError(
        `${file}: its first line must say <!-- ${MARK} …, by which what is rendered is known`,
      );
    };
  };
  return { image: marked("readme"), example: marked("example"), languages: compile("languages") };
}

/** Reads the templates of some folders, as above. @throws CatalogError with all that is wrong with the catalog's own */
export async function checkTemplates(...folders: readonly string[]): Promise<void> {
  if (folders.length > 1) await openTemplates(folders);
}

const HELPERS = {
  ...{ world, quote, folder, wrap, print, code, cell },
  /** The exec form of ENTRYPOINT and CMD. */
  json: (value: unknown) => JSON.stringify(value),
  /** A list with one item more, before the others. */
  prefix: (first: string, others: readonly string[]) => [first, ...others],
  /** A list as one argument. */
  list: (items: readonly string[]) => items.join(","),
  is: (first: unknown, second: unknown) => first === second,
  or: <T>(first: T, second: T) => first || second,
  /** What a person types to have the files rendered again. */
  renderCommand: () => RENDER_COMMAND,
};

/** Makes ready the partials of some folders, and gives what compiles one of their templates by name. */
async function openTemplates(folders: readonly string[]) {
  const handlebars = Handlebars.create();
  handlebars.registerHelper(HELPERS);
  const files = await readTemplateFiles(folders, Object.keys(HELPERS));
  for (const [name, { text }] of files.partials) handlebars.registerPartial(name, text);
  const compile = (name: TemplateName) =>
    handlebars.compile<object>(files.templates.get(name)?.text ?? "", { noEscape: true, strict: false });
  return { compile, files };
}

/** What is wrong with a Dockerfile that a template of the catalog's own made; undefined where nothing is. */
function dockerfileProblem(text: string, template: "runtime" | "dev"): string | undefined {
  if (!isMarked(text)) return "it must begin with {{> header}}, by which what is rendered is known";
  const stages = [...text.matchAll(/^FROM .* AS (\S+)$/gim)].map(([, name]) => name);
  if (stages.at(-1) !== "image") return "its last stage must be called so: FROM … AS image";
  if (template === "dev" && !stages.includes("tools")) {
    return "its first stage, which all dev images of a branch share, must be called so: FROM … AS tools";
  }
  return undefined;
}

/** Variables that tell tools where their caches go: in dev, anybody may write there, as in the home they would take. */
const CACHES = [
  "GOPATH",
  "GOCACHE",
  "GOMODCACHE",
  "CARGO_HOME",
  "GEM_HOME",
  "NPM_CONFIG_CACHE",
  "XDG_CACHE_HOME",
];

/** Debug is runtime with a shell. */
function templateOf({ variant }: Target): "runtime" | "dev" {
  return variant === "dev" ? "dev" : "runtime";
}

/** What a template sees. The first step of a dev image is the same for all, hence apart. */
function viewOf(target: Target, catalog: Catalog) {
  const { shared: tools, layers = [] } = target;
  const first = new Set([tools, ...layers].flat());
  const rest = target.world.filter((item) => !first.has(item));
  const own = ownRepositoriesOf(catalog, target.branch);
  return {
    target,
    template: templateOf(target),
    sources: catalog.sources,
    repositories: repositoriesOf(catalog, target.branch),
    tools,
    layers,
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
    caches: CACHES.flatMap((name) => (target.env[name]?.startsWith("/") ? [target.env[name]] : [])),
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
