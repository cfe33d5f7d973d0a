/** A small catalog of real programs whose images are built in seconds. */
export function smallCatalog(images: readonly string[] = ["lua"]): string {
  return [HEAD, ...images.map((name) => IMAGES[name] ?? "")].join("\n");
}

/** The same with one version of Lua: two targets, where a second version would prove nothing more. */
export function oneVersion(): string {
  return smallCatalog(["lua"]).replace(/^ *"5\.1": .*\n/m, "");
}

const HEAD = `registry: 127.0.0.1:5000/test
platforms: [linux/amd64]
sources:
  base: docker.io/library/alpine
  packages: https://dl-cdn.alpinelinux.org/alpine
defaults:
  runtime: { packages: [alpine-baselayout-data, alpine-release] }
  dev: { packages: [ca-certificates-bundle] }
images:`;

/** Lua under two names: `moon` has a repository of its own, and shares no layer but those that dev images stand on. */
const IMAGES: Readonly<Record<string, string>> = {
  moon: `  moon:
    description: The Lua interpreter, by another name.
    package: lua5.4
    versions:
      "5.4": { branch: "3.22" }
    runtime:
      packages: ["lua5.4~5.4", ca-certificates-bundle]
      links: { /usr/bin/lua: lua5.4 }
      cmd: [lua]
    dev:
      packages: ["lua5.4~5.4"]
      links: { /usr/bin/lua: lua5.4 }
      cmd: [lua]
    smoke:
      version: [lua, -v]
      run: [lua, -e, "print('hello, world')"]
`,
  lua: `  lua:
    description: The Lua interpreter.
    package: "lua{{version}}"
    versions:
      "5.4": { branch: "3.22" }
      "5.1": { branch: "3.22" }
    runtime:
      packages: ["lua{{version}}~{{version}}"]
      links: { /usr/bin/lua: "lua{{version}}" }
      cmd: [lua]
    dev:
      packages: ["lua{{version}}~{{version}}"]
      links: { /usr/bin/lua: "lua{{version}}" }
      cmd: [lua]
    smoke:
      version: [lua, -v]
      run: [lua, -e, "print('hello, world')"]
`,
  node: `  node:
    description: The JavaScript runtime.
    package: nodejs
    versions:
      "22": { branch: "3.22" }
    runtime:
      packages: ["nodejs~{{version}}"]
      cmd: [node]
    dev:
      packages: ["nodejs~{{version}}"]
      cmd: [node]
    smoke:
      version: [node, --version]
      run: [node, -e, "console.log('hello, world')"]
`,
};
