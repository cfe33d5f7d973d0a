import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { PACKAGED, VERSION } from "../system/environment.ts";
import { makeFolder, writeNew } from "../system/files/files.ts";
import type { Answers } from "./init-answers.ts";
import { renovateText, type Workflows, workflowText } from "./init-workflow.ts";
import { CATALOG_SCHEMA, TEMPLATES } from "./paths.ts";

/**
 * The files of a new catalog, by path: those that a repository of base images needs, and nothing that Birdhouse brings.
 * @param folder where they will lie
 * @param workflows what the workflow calls; undefined: it stands by itself
 */
export async function initFiles(
  answers: Answers,
  folder: string,
  workflows: Workflows | undefined,
): Promise<ReadonlyMap<string, string>> {
  const template = (name: string) => readFile(join(TEMPLATES, "init", name), "utf8");
  const readme = (await template("readme.md")).replace("@REGISTRY@", () => answers.registry);
  return new Map([
    ["catalog.yaml", catalogText(answers, schemaFrom(folder))],
    ["package.json", packageText()],
    [".gitignore", await template("gitignore")],
    [".github/workflows/birdhouse.yml", await workflowText(answers.registry, workflows, template)],
    ["renovate.json", renovateText(await template("renovate.json"), workflows)],
    ["README.md", readme],
  ]);
}

/**
 * Writes those that are not there. Nothing that is there is overwritten, a link neither.
 * @returns which were written, and which were left as they are
 * @throws FileError
 */
export async function writeFilesOf(folder: string, files: ReadonlyMap<string, string>) {
  const written: string[] = [];
  const left: string[] = [];
  for (const [path, text] of files) {
    const file = join(folder, path);
    await makeFolder(dirname(file));
    const isNew = await writeNew(file, text, 0o644).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
        throw error;
      },
    );
    (isNew ? written : left).push(path);
  }
  return { written, left };
}

/** Where editors find the schema, from a catalog's folder: package.json names the package that brings it. */
function schemaFrom(folder: string): string {
  if (PACKAGED) return "node_modules/birdhouse/catalog.schema.json";
  return relative(folder, CATALOG_SCHEMA);
}

function catalogText({ registry, platforms, images }: Answers, schema: string): string {
  const entries = [...images].map(([image, versions]) => {
    const list = versions?.map((version) => `${JSON.stringify(version)}: {}`).join(", ");
    return `  ${image}: { extends: ${image}${list === undefined ? "" : `, versions: { ${list} }`} }`;
  });
  return `# yaml-language-server: $schema=${schema}
#
# What is not said here is as in the catalog that Birdhouse comes with, in the version that package.json names.
# An image can have more: { extends: node, versions: { "24": {} }, runtime: { packages: [tini] } }
extends: birdhouse

registry: ${registry}
platforms: [${platforms.join(", ")}]

images:
${entries.join("\n")}
`;
}

/** It pins Birdhouse, and so the catalog that is extended: what is built changes with it, and when somebody wants it. */
function packageText(): string {
  const value = {
    private: true,
    dependencies: { birdhouse: VERSION },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Whether the program that a catalog's folder would start is there: npm has installed it. */
export function isInstalledIn(folder: string): boolean {
  return existsSync(join(folder, "node_modules/birdhouse"));
}

/** Whether the package.json of a folder asks for Birdhouse. */
export async function asksForBirdhouse(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "");
  return /"birdhouse"\s*:/.test(text);
}
