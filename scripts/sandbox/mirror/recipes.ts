import type { Suite } from "../debian.ts";
import type { Machine } from "./machine.ts";
import { SHADOW, SYSTEM_FILES } from "./system-files.ts";

/**
 * How Alpine's packages are made of Debian's. A name that no recipe knows stands for the Debian package of
 * that name as it is; where Alpine calls a thing otherwise, cuts it otherwise or makes a link in it, a
 * recipe says so. No maintainer script is kept: what programs need of those is in the recipes.
 */
export interface Recipe {
  /** Debian packages whose files it holds; the first gives version and description. */
  readonly holds?: readonly string[];
  /** A package of the npm registry that it holds files of. */
  readonly npm?: NpmPart;
  /** Packages it depends on beyond what the Debian packages in it do. */
  readonly needs?: readonly string[];
  /** The version, where nothing in it has one. */
  readonly version?: string;
  /** Links: path → what it points at. Paths are relative to the root. */
  readonly links?: Readonly<Record<string, string>>;
  /** Files: path → text, readable by all. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files: path → text, readable by root and its group. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Directories: path → permissions. */
  readonly directories?: Readonly<Record<string, number>>;
  /** Of the Debian packages only one file is kept: those below `from`, one after another. */
  readonly joins?: { readonly from: string; readonly into: string };
}

export interface NpmPart {
  /** As `npm pack` takes it: `npm@10`. */
  readonly spec: string;
  /** Only the files below these folders; all of them where it is left out. */
  readonly only?: readonly string[];
  /** The directory that its files go to. */
  readonly into: string;
}

export type Recipes = Readonly<Record<string, Recipe>>;

/** What differs between the suites. */
interface SuiteVersions {
  readonly gcc: string;
  readonly python: string;
  readonly ruby?: string;
  readonly node?: { readonly node: string; readonly npm: string };
  readonly go?: string;
}

const SUITES: Readonly<Record<Suite, SuiteVersions>> = {
  bookworm: { gcc: "12", python: "3.11", ruby: "3.1" },
  trixie: { gcc: "14", python: "3.13", ruby: "3.3", node: { node: "22", npm: "10" }, go: "1.24" },
  forky: { gcc: "15", python: "3.14", node: { node: "24", npm: "11" }, go: "1.26" },
};

/** The recipes of a suite, on a machine of this kind. */
export function suiteRecipes(suite: Suite, machine: Machine): Recipes {
  const versions = SUITES[suite];
  return {
    ...baseRecipes(machine),
    ...compilerRecipes(versions.gcc, machine),
    ...pythonRecipes(versions.python),
    ...PERL,
    ...LUA,
    ...(versions.ruby && rubyRecipes(versions.ruby)),
    ...(versions.node && nodeRecipes(versions.node, machine)),
    ...(versions.go && goRecipes(versions.go)),
  };
}

function baseRecipes({ gnu, loader, musl }: Machine): Recipes {
  return {
    // Debian of today keeps everything below /usr; programs name their loader where it always was.
    libc6: {
      holds: ["libc6"],
      links: {
        [loader]: `/usr/lib/${gnu}/${loader.replace(/.*\//, "")}`,
        [`lib/${gnu}`]: `../usr/lib/${gnu}`,
      },
    },
    musl: { holds: ["musl"], links: { [musl.loader]: `/usr/lib/${musl.triplet}/libc.so` } },
    busybox: { holds: ["busybox-static"], links: { "bin/busybox": "/usr/bin/busybox" } },
    "busybox-binsh": { needs: ["busybox"], version: "1", links: { "bin/sh": "/bin/busybox" } },
    "ca-certificates-bundle": {
      holds: ["ca-certificates"],
      joins: { from: "usr/share/ca-certificates/", into: "etc/ssl/certs/ca-certificates.crt" },
      links: { "etc/ssl/cert.pem": "certs/ca-certificates.crt" },
    },
    "ca-certificates": { needs: ["ca-certificates-bundle"], version: "1" },
    "alpine-baselayout-data": { version: "3", files: SYSTEM_FILES, secrets: { "etc/shadow": SHADOW } },
    "alpine-baselayout": {
      needs: ["alpine-baselayout-data"],
      version: "3",
      directories: {
        dev: 0o755,
        home: 0o755,
        proc: 0o555,
        root: 0o700,
        run: 0o755,
        sys: 0o555,
        tmp: 0o1777,
        "var/tmp": 0o1777,
      },
      links: { "var/run": "../run" },
    },
    // Alpine's own libssl3, in its base image, would be taken for this one if that had the same name.
    "debian-libssl3": { holds: ["libssl3"] },
  };
}

function compilerRecipes(version: string, { gnu }: Machine): Recipes {
  return {
    "build-base": { version: "1", needs: ["binutils", "gcc", "g++", "make", "patch", "musl-dev"] },
    // What it stands for, the C library's headers, is glibc's: everything here is linked with that.
    "musl-dev": { holds: ["libc6-dev"] },
    libgcc: { holds: ["libgcc-s1"] },
    "libstdc++": { holds: ["libstdc++6"] },
    gcc: {
      holds: [`gcc-${version}`],
      links: {
        "usr/bin/cc": "gcc",
        ...versionLinks(["gcc", "cpp", "gcc-ar", "gcc-nm", "gcc-ranlib", "gcov"], version, gnu),
      },
    },
    "g++": {
      holds: [`g++-${version}`],
      links: { "usr/bin/c++": "g++", ...versionLinks(["g++"], version, gnu) },
    },
  };
}

/**
 * Links from a program's plain name, and from its name after the triplet, which Python and Ruby build their
 * extensions with, to the one of this version.
 */
function versionLinks(programs: readonly string[], version: string, gnu: string): Record<string, string> {
  const names = programs.flatMap((program) => [program, `${gnu}-${program}`]);
  return Object.fromEntries(names.map((name) => [`usr/bin/${name}`, `${name}-${version}`]));
}

function pythonRecipes(version: string): Recipes {
  const python = `python${version}`;
  return {
    // Debian's own python3, python3-minimal and so on hold nothing but these links and Debian's tools.
    python3: {
      holds: [python, "python3", "python3-minimal", "libpython3-stdlib"],
      links: { "usr/bin/python3": python, "usr/bin/pydoc3": `pydoc${version}` },
    },
    "python3-dev": {
      holds: [`${python}-dev`],
      links: { "usr/bin/python3-config": `${python}-config` },
    },
    "py3-pip": { holds: ["python3-pip"], needs: ["python3", `${python}-venv`] },
    "py3-setuptools": { holds: ["python3-setuptools"], needs: ["python3"] },
  };
}

function rubyRecipes(version: string): Recipes {
  return {
    ruby: { holds: [`ruby${version}`, "ruby"] },
    "ruby-dev": { holds: [`ruby${version}-dev`, "ruby-dev"] },
    "ruby-bundler": { holds: ["ruby-bundler", "bundler"] },
  };
}

const PERL: Recipes = {
  "perl-dev": { holds: ["libperl-dev"], needs: ["perl"] },
  "perl-utils": { version: "1", needs: ["perl"] },
  "perl-app-cpanminus": { holds: ["cpanminus"], needs: ["perl-utils"] },
};

const LUA: Recipes = {
  "lua5.1-dev": { holds: ["liblua5.1-0-dev"], needs: ["lua5.1"] },
  "lua5.4-dev": { holds: ["liblua5.4-dev"], needs: ["lua5.4"] },
  "luarocks5.1": { version: "1", needs: ["luarocks", "lua5.1"] },
  "luarocks5.4": { version: "1", needs: ["luarocks", "lua5.4"] },
};

function nodeRecipes(versions: { node: string; npm: string }, { npmNode }: Machine): Recipes {
  const spec = `${npmNode}@${versions.node}`;
  return {
    nodejs: {
      npm: { spec, only: ["bin/"], into: "usr" },
      needs: ["libc6", "libgcc", "libstdc++", "ca-certificates"],
    },
    "nodejs-dev": { npm: { spec, only: ["include/"], into: "usr" }, needs: ["nodejs"] },
    npm: {
      npm: { spec: `npm@${versions.npm}`, into: "usr/lib/node_modules/npm" },
      needs: ["nodejs"],
      links: {
        "usr/bin/npm": "../lib/node_modules/npm/bin/npm-cli.js",
        "usr/bin/npx": "../lib/node_modules/npm/bin/npx-cli.js",
      },
    },
  };
}

function goRecipes(version: string): Recipes {
  const bin = `../lib/go-${version}/bin`;
  return {
    go: {
      holds: [`golang-${version}-go`, `golang-${version}-src`],
      needs: ["binutils", "gcc", "musl-dev"],
      links: { "usr/bin/go": `${bin}/go`, "usr/bin/gofmt": `${bin}/gofmt`, "usr/lib/go": `go-${version}` },
    },
  };
}
