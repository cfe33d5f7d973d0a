import { expect } from "vitest";
import { parseCatalog } from "../../../scripts/catalog/load.ts";
import { CatalogError } from "../../../scripts/catalog/text/problems.ts";
import type { Catalog, Target } from "../../../scripts/model/target.ts";

/** A catalog without a mistake. The tests break it: each line that they replace is there once. */
export const GOOD_CATALOG = `# a comment
registry: ghcr.io/birdhouse
platforms: [linux/amd64, linux/arm64]
sources:
  base: docker.io/library/alpine
  packages: https://dl-cdn.alpinelinux.org/alpine
defaults:
  runtime:
    packages: [tzdata]
  dev:
    packages: [make, git, make]
images:
  node:
    description: JavaScript
    package: nodejs
    versions:
      "20": { branch: "3.20" }
      "22":
        branch: "3.22"
        tags: [lts]
        dev: { packages: [pnpm] }
    runtime:
      packages: ["nodejs~{{version}}"]
      env: { NODE_ENV: production }
      cmd: [node]
    dev:
      packages: ["nodejs~{{version}}", npm]
    smoke:
      version: [node, --version]
      run: [node, -e, "console.log('hello, world')"]
  lua:
    description: Lua
    package: "lua{{version}}"
    versions:
      "5.1": { branch: "3.22" }
      "5.4": { branch: "3.22" }
    runtime:
      packages: ["lua{{version}}~{{version}}"]
      links: { /usr/bin/lua: "lua{{version}}" }
      shell: true
    smoke:
      files: { "a.lua": "print({{version}})" }
      run: [lua, -e, "print({{1}})"]
`;

/** The keys that a message lists, of the catalog, of an image and of its runtime. */
export const KEYS = {
  catalog:
    "extends, registry, site, platforms, runners, sources, repositories, certificates, templates, compression, policy, archived, sign, ecr, gate, promote, clean, notify, branches, renamed, excluded, defaults, images",
  image:
    "extends, title, description, package, repository, versions, runtime, dev, debug, policy, archived, smoke, checks, stop, notes, news, example",
  runtime:
    "packages, env, entrypoint, cmd, workdir, links, files, user, labels, expose, volumes, stopsignal, healthcheck, budget, shell, remove, jlink, bytecode, truststore",
};

/** The good catalog with something replaced. Refuses a replacement that changes nothing. */
export function brokenCatalog(...replacements: readonly (readonly [from: string, to: string])[]): string {
  return replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the good catalog has no ${JSON.stringify(from)}`);
    return text.replace(from, () => to);
  }, GOOD_CATALOG);
}

/** The targets of a catalog by name. */
export function targetsByName({ targets }: Catalog): Map<string, Target> {
  return new Map(targets.map((target) => [target.name, target]));
}

/** What the loader says of a text: one line for each mistake, none when it is right. */
export function mistakesIn(text: string): string[] {
  try {
    parseCatalog("catalog.yaml", text);
    return [];
  } catch (error) {
    if (error instanceof CatalogError) return error.message.split("\n");
    throw error;
  }
}

/** What of the good catalog is replaced, by what, and all that is said of it: LINE:COLUMN: SUBJECT: MESSAGE. */
export type Mistake = [from: string, to: string, ...said: string[]];

/** Makes a mistake in the good catalog and expects to be told of it in these words. */
export function expectMistake(from: string, to: string, ...said: string[]): void {
  expect(mistakesIn(brokenCatalog([from, to]))).toEqual(said.map((line) => `catalog.yaml:${line}`));
}
