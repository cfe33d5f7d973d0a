/** Where the images of a scripted catalog come from and go to. */
export interface Places {
  /** `HOST:PORT`, with the sandbox's base images in it. */
  readonly registry: string;
  /** URL of the mirror. */
  readonly mirror: string;
  /** The folder of its public key. */
  readonly keys: string;
}

/** An image: version → branch, and what its policy says in YAML. */
export interface ScriptedImage {
  readonly versions: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** A catalog that a test edits, as its maintainer would. */
export interface ScriptedCatalog {
  readonly images: Readonly<Record<string, ScriptedImage>>;
  /** Branch → the day it ends. */
  readonly branches: Readonly<Record<string, string>>;
}

/**
 * The text of a catalog of tiny images. Version 2 of `wren` is the program `wren-2`, of a package of that name,
 * which greets and knows its version.
 */
export function catalogText({ images, branches }: ScriptedCatalog, places: Places): string {
  const ends = Object.entries(branches).map(([name, eol]) => `  "${name}": { eol: ${eol} }`);
  const entries = Object.entries(images).map(([name, image]) => imageText(name, image));
  return `registry: ${places.registry}/test
platforms: [linux/amd64]
sources:
  base: ${places.registry}/sandbox/alpine
  packages: ${places.mirror}
  keys: ${places.keys}
  security: ${places.mirror}/secdb
# Files are as old as this machine says, and nights are not.
clean: { layouts: 9999d }
branches:
${ends.join("\n")}
defaults:
  runtime: { packages: [alpine-baselayout-data, alpine-release] }
  dev: { packages: [ca-certificates-bundle] }
images:
${entries.join("")}`;
}

function imageText(name: string, { versions, policy }: ScriptedImage): string {
  const lines = Object.entries(versions).map(
    ([version, branch]) => `      "${version}": { branch: "${branch}" }`,
  );
  return `  ${name}:
    description: A bird of a test.
    package: "${name}-{{version}}"
    versions:
${lines.join("\n")}
${policy === undefined ? "" : `    policy: ${policy}\n`}    runtime:
      packages: ["${name}-{{version}}~{{version}}"]
      shell: true
    dev:
      packages: ["${name}-{{version}}~{{version}}"]
    smoke:
      version: ["${name}-{{version}}", --version]
      run: ["${name}-{{version}}"]
`;
}

/** A program that says its version, without the number of its build, and greets. */
export function bird(version: string, greeting = "hello, world"): string {
  const track = version.replace(/-r\d+$/, "");
  return `#!/bin/sh\nif [ "$1" = --version ]; then echo ${track}; else echo '${greeting}'; fi\n`;
}
