import { posix } from "node:path";
import type { Entry } from "./data-member.ts";
import type { PackagePlan } from "./package-plan.ts";
import type { NpmPart, Recipe } from "./recipe.ts";
import type { TarItem } from "./tar-source.ts";
import { isTrimmed, underUsr } from "./trimming.ts";

/** Opens the sources of a package's files, by Debian name or npm spec. */
export interface FileSources {
  debian(name: string): AsyncIterable<TarItem>;
  npm(spec: string): AsyncIterable<TarItem>;
}

/** All that goes into a package: directories before what is in them, nothing twice. */
export async function* packageFiles(plan: PackagePlan, sources: FileSources): AsyncGenerator<Entry> {
  const seen = new Set<string>();
  for await (const entry of allEntries(plan, sources)) {
    for (const parent of parentsOf(entry.path)) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      yield { type: "directory", path: parent, mode: 0o755 };
    }
    if (seen.has(entry.path)) continue;
    seen.add(entry.path);
    yield entry;
  }
}

/** The recipe's own come first, so that they win over a file of the same name. */
async function* allEntries(
  { recipe, debian, npm }: PackagePlan,
  sources: FileSources,
): AsyncGenerator<Entry> {
  yield* recipeEntries(recipe);
  if (recipe.joins) yield await joinedEntry(recipe.joins, debian, sources);
  else for (const name of debian) yield* keptEntries(debianEntries(sources.debian(name)), name, recipe);
  if (npm) yield* npmEntries(npm, sources.npm(npm.spec));
}

/** What a recipe keeps of a Debian package, at the places where it wants it. */
async function* keptEntries(
  entries: AsyncIterable<Entry>,
  debian: string,
  { takes, moves }: Recipe,
): AsyncGenerator<Entry> {
  const taken = takes?.[debian];
  for await (const entry of entries) {
    if (taken && !taken.some((start) => entry.path.startsWith(start))) continue;
    yield { ...entry, path: moves?.[entry.path] ?? entry.path };
  }
}

async function joinedEntry(
  { from, into }: NonNullable<Recipe["joins"]>,
  debian: readonly string[],
  sources: FileSources,
): Promise<Entry> {
  const contents: Buffer[] = [];
  for (const name of debian) {
    for await (const entry of debianEntries(sources.debian(name))) {
      if (entry.type === "file" && entry.path.startsWith(from)) contents.push(entry.content);
    }
  }
  return { type: "file", path: into, mode: 0o644, content: Buffer.concat(contents) };
}

function* recipeEntries(recipe: Recipe): Generator<Entry> {
  for (const [path, mode] of Object.entries(recipe.directories ?? {}))
    yield { type: "directory", path, mode };
  yield* textFiles(recipe.files, 0o644);
  yield* textFiles(recipe.programs, 0o755);
  yield* textFiles(recipe.secrets, 0o640);
  for (const [path, target] of Object.entries(recipe.links ?? {})) yield { type: "link", path, target };
}

function* textFiles(files: Recipe["files"], mode: number): Generator<Entry> {
  for (const [path, text] of Object.entries(files ?? {})) {
    yield { type: "file", path, mode, content: Buffer.from(text) };
  }
}

async function* debianEntries(items: AsyncIterable<TarItem>): AsyncGenerator<Entry> {
  for await (const item of items) {
    const original = item.path.replace(/^\.?\//, "").replace(/\/$/, "");
    const path = underUsr(original);
    if (path === "" || isTrimmed(path)) continue;
    if (item.type === "directory") yield { type: "directory", path, mode: item.mode };
    if (item.type === "file") yield { type: "file", path, mode: item.mode, content: await item.content() };
    if (item.type === "symlink") yield { type: "link", path, target: movedTarget(original, item.target) };
    // A hard link becomes a symbolic one, which reads the same and asks less of whoever unpacks it.
    if (item.type === "link") {
      const target = underUsr(item.target.replace(/^\.?\//, ""));
      yield { type: "link", path, target: posix.relative(posix.dirname(path), target) };
    }
  }
}

/** Where a symbolic link points once everything is below /usr. */
function movedTarget(path: string, target: string): string {
  const full = posix.join("/", posix.dirname(path), target.startsWith("/") ? "" : target).slice(1);
  const meant = target.startsWith("/") ? target.slice(1) : full;
  const moved = underUsr(meant);
  const stays = moved === meant && underUsr(path) === path;
  const beside = !target.includes("/");
  return stays || beside ? target : `/${moved}`;
}

/** npm's packages have everything in one folder, `package/`; as npm does, programs are made executable. */
async function* npmEntries({ only, into }: NpmPart, items: AsyncIterable<TarItem>): AsyncGenerator<Entry> {
  for await (const item of items) {
    const path = item.path.replace(/^[^/]+\//, "");
    if (item.type !== "file" || (only && !only.some((folder) => path.startsWith(folder)))) continue;
    const mode = /^bin\//.test(path) || (item.mode & 0o111) !== 0 ? 0o755 : 0o644;
    yield { type: "file", path: `${into}/${path}`, mode, content: await item.content() };
  }
}

function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
