import { rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type InstalledPackage, ownedFiles } from "../../scripts/formats/alpine/installed.ts";
import type { Package } from "../../scripts/model/package.ts";
import { messageOf, UserError } from "../../scripts/system/errors.ts";
import { Candidates, installationOrder } from "./candidates.ts";
import { type Database, writeDatabase } from "./database.ts";
import { openPackage } from "./package-file.ts";
import { download } from "./repositories.ts";
import { unpack } from "./unpack.ts";

/** What a transaction needs to know of the world around it. */
export interface TransactionOptions {
  readonly root: string;
  /** Only tell what would be done. */
  readonly simulate: boolean;
  /** Prints a line. */
  readonly print: (line: string) => void;
  /** Where a package lies; undefined for a virtual one, which has no files. */
  readonly locate: (each: Package) => string | undefined;
}

/**
 * Brings a root from what is installed to the packages that shall be, and writes its database after the last step.
 *
 * @throws UserError when a package cannot be fetched or trusted, or would overwrite another one's file
 */
export async function commit(
  { installed }: Database,
  world: Database["world"],
  packages: readonly Package[],
  options: TransactionOptions,
): Promise<void> {
  const files = new Files(options.root, installed);
  const steps = changes(installed, packages);
  for (const [position, step] of steps.entries()) {
    options.print(`(${position + 1}/${steps.length}) ${describeChange(step)}`);
    if (!options.simulate) await apply(step, files, options);
  }
  if (!options.simulate) writeDatabase(options.root, { world, installed: files.installed() });
  options.print(`OK: ${summary(files.installed())}`);
}

async function apply(step: InstallStep, files: Files, { locate }: TransactionOptions): Promise<void> {
  if (step.kind === "purge") return files.remove(step.from);
  const url = locate(step.package);
  if (url === undefined) return files.addVirtual(step.package);
  const bytes = await download(url).catch((error: unknown) => {
    throw new UserError(`${url}: this package cannot be fetched: ${messageOf(error)}`);
  });
  files.add(step.package, bytes, url);
}

/** `45 MiB in 22 packages`. */
function summary(installed: readonly Pick<Package, "installedSize">[]): string {
  const bytes = installed.reduce((sum, { installedSize }) => sum + installedSize, 0);
  return `${Math.floor(bytes / 2 ** 20)} MiB in ${installed.length} packages`;
}

/** The files below a root, and the packages they belong to. */
class Files {
  readonly #root: string;
  readonly #installed: Map<string, InstalledPackage>;
  /** Path → name of the package that owns it. */
  readonly #owners = new Map<string, string>();

  constructor(root: string, installed: readonly InstalledPackage[]) {
    this.#root = root;
    this.#installed = new Map(installed.map((each) => [each.name, each]));
    for (const each of installed) this.#claim(each);
  }

  installed(): InstalledPackage[] {
    return [...this.#installed.values()];
  }

  addVirtual(each: Package): void {
    this.#installed.set(each.name, { ...each, directories: [] });
  }

  /** Installs a package, in place of the same one of another version where there is one. */
  add(each: Package, bytes: Buffer, origin: string): void {
    const { info, data } = openPackage(bytes, each, origin);
    const replaces = (info.get("replaces") ?? []).join(" ");
    const replacesPriority = Number(info.get("replaces_priority")?.[0] ?? 0);
    const replaced = replaces.split(" ").map((word) => word.replace(/[<>=~].*/, ""));
    const directories = unpack(data, this.#root, (path) => {
      const owner = this.#owners.get(path) ?? each.name;
      if (owner === each.name || replaced.includes(owner)) return;
      throw new UserError(`${each.name}-${each.version}: trying to overwrite ${path} owned by ${owner}`);
    });
    const before = this.#installed.get(each.name);
    const installed = { ...each, replaces, replacesPriority, directories };
    this.#installed.set(each.name, installed);
    this.#claim(installed);
    if (before) this.#removeUnlessIn(before, new Set(ownedFiles(installed)));
  }

  remove(each: InstalledPackage): void {
    this.#installed.delete(each.name);
    this.#removeUnlessIn(each, new Set());
  }

  #claim(each: InstalledPackage): void {
    for (const path of ownedFiles(each)) this.#owners.set(path, each.name);
  }

  #removeUnlessIn(each: InstalledPackage, kept: ReadonlySet<string>): void {
    const gone = ownedFiles(each).filter((path) => !kept.has(path) && this.#owners.get(path) === each.name);
    for (const path of gone) {
      rmSync(join(this.#root, path), { force: true });
      this.#owners.delete(path);
    }
    const others = new Set(
      this.installed().flatMap(({ directories }) => directories.map(({ path }) => path)),
    );
    const paths = each.directories.map(({ path }) => path).filter((path) => path !== "" && !others.has(path));
    for (const path of paths.sort().reverse()) removeIfEmpty(join(this.#root, path));
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOTEMPTY" && code !== "ENOENT") throw error;
  }
}

/** One step from what is installed to what shall be. */
type InstallStep =
  | { readonly kind: "install"; readonly package: Package }
  | { readonly kind: "upgrade"; readonly package: Package; readonly from: InstalledPackage }
  | { readonly kind: "purge"; readonly from: InstalledPackage };

/** The steps from what is installed to a solution: what goes, and then what comes, in the solution's order. */
function changes(installed: readonly InstalledPackage[], solution: readonly Package[]): InstallStep[] {
  const there = new Map(installed.map((each) => [each.name, each]));
  const wanted = new Set(solution.map(({ name }) => name));
  const purged = dependentsFirst(installed.filter(({ name }) => !wanted.has(name)));
  return [
    ...purged.map((from): InstallStep => ({ kind: "purge", from })),
    ...solution.flatMap((each) => changeTo(each, there.get(each.name))),
  ];
}

/** Packages in the order to remove them. */
function dependentsFirst(packages: readonly InstalledPackage[]): InstalledPackage[] {
  const candidates = new Candidates([], packages);
  const order = installationOrder([], candidates.all, (name) => candidates.providersOf(name)[0]?.candidate);
  const named = new Map(packages.map((each) => [each.name, each]));
  return order.reverse().flatMap((candidate) => named.get(candidate.package.name) ?? []);
}

function changeTo(each: Package, from: InstalledPackage | undefined): InstallStep[] {
  if (from === undefined) return [{ kind: "install", package: each }];
  return from.checksum === each.checksum ? [] : [{ kind: "upgrade", package: each, from }];
}

/** `Installing musl (1.2.5-r0)`: in apk's words. */
function describeChange(change: InstallStep): string {
  switch (change.kind) {
    case "install":
      return `Installing ${change.package.name} (${change.package.version})`;
    case "upgrade":
      return `Upgrading ${change.package.name} (${change.from.version} -> ${change.package.version})`;
    case "purge":
      return `Purging ${change.from.name} (${change.from.version})`;
  }
}
