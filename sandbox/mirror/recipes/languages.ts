import type { Machine } from "../machine.ts";
import type { Recipe, Recipes } from "../recipe.ts";

/** Languages with a few packages each; what takes more has a file of its own. */

/** Node.js and npm, of these major versions, as their makers build them. */
export function nodeRecipes(versions: { node: string; npm: string }, { npmNode }: Machine): Recipes {
  const spec = `${npmNode}@${versions.node}`;
  return {
    nodejs: {
      npm: { spec, only: ["bin/"], into: "usr" },
      needs: ["libc6", "libgcc", "libstdc++", "ca-certificates"],
    },
    "nodejs-dev": { npm: { spec, only: ["include/"], into: "usr" }, needs: ["nodejs"] },
    yarn: {
      npm: { spec: "yarn@1", into: "usr/share/node_modules/yarn" },
      needs: ["nodejs"],
      links: {
        "usr/bin/yarn": "../share/node_modules/yarn/bin/yarn.js",
        "usr/bin/yarnpkg": "../share/node_modules/yarn/bin/yarn.js",
      },
    },
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

/** Python of this version. */
export function pythonRecipes(version: string): Recipes {
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

/** Perl, which Debian calls as Alpine does but for what compiles and installs modules. */
export const PERL_RECIPES: Recipes = {
  "perl-dev": { holds: ["libperl-dev"], needs: ["perl"] },
  "perl-utils": { version: "1", needs: ["perl"] },
  "perl-io-socket-ssl": { holds: ["libio-socket-ssl-perl"] },
  "perl-net-ssleay": { holds: ["libnet-ssleay-perl"] },
  "perl-app-cpanminus": { holds: ["cpanminus"], needs: ["perl-utils", "wget"] },
};

/** Ruby of this version. */
export function rubyRecipes(version: string): Recipes {
  return {
    ruby: { holds: [`ruby${version}`, "ruby"] },
    "ruby-dev": { holds: [`ruby${version}-dev`, "ruby-dev"] },
    "ruby-bundler": { holds: ["ruby-bundler", "bundler"] },
  };
}

/** Tcl: what Debian names after its versions. */
export const TCL_RECIPES: Recipes = {
  tcl: { holds: ["tcl8.6", "tcl", "libtcl8.6"] },
  "tcl-dev": { holds: ["tcl8.6-dev", "tcl-dev"], needs: ["tcl"] },
  "tcl-lib": { holds: ["tcllib"] },
  tcl9: { holds: ["tcl9.0", "libtcl9.0"] },
  "tcl9-dev": { holds: ["tcl9.0-dev"], needs: ["tcl9"] },
};

/** The versions of Lua that LuaRocks is set up for. */
const WITH_LUAROCKS = ["5.1", "5.2", "5.3", "5.4"];

const luarocks = (version: string): [string, Recipe] => [
  `luarocks${version}`,
  { version: "1", needs: ["luarocks", `lua${version}`] },
];

/** Lua, each version of it under its own name, and LuaJIT. */
export const LUA_RECIPES: Recipes = {
  "lua5.1-dev": { holds: ["liblua5.1-0-dev"], needs: ["lua5.1"] },
  "lua5.2-dev": { holds: ["liblua5.2-dev"], needs: ["lua5.2"] },
  "lua5.3-dev": { holds: ["liblua5.3-dev"], needs: ["lua5.3"] },
  "lua5.4-dev": { holds: ["liblua5.4-dev"], needs: ["lua5.4"] },
  "lua5.5-dev": { holds: ["liblua5.5-dev"], needs: ["lua5.5"] },
  // It asks wget which version it is, and busybox's own wget, which the shell prefers, gives no answer; nor does
  // busybox's md5sum in the form that it expects.
  luarocks: { holds: ["luarocks"], needs: ["curl", "openssl"] },
  ...Object.fromEntries(WITH_LUAROCKS.map((one) => luarocks(one))),
  // Its version is the date of a commit; like Alpine's, it begins with what the program says.
  luajit: { holds: ["luajit"], version: "2.1" },
  "luajit-dev": { holds: ["libluajit-5.1-dev"], needs: ["luajit"] },
};

/** The applications of Erlang/OTP that Debian has in packages of their own; those with windows are left out. */
const APPLICATIONS = [
  ...["asn1", "common-test", "crypto", "dialyzer", "diameter", "edoc", "eldap", "eunit", "ftp", "inets"],
  ...["mnesia", "os-mon", "parsetools", "public-key", "runtime-tools", "snmp", "ssh", "ssl"],
  ...["syntax-tools", "tftp", "tools", "xmerl"],
];

/** Erlang/OTP of this major version; Elixir and rebar3 are called as in Debian. */
export function erlangRecipes(version: string): Recipes {
  return {
    [`erlang${version}`]: {
      holds: ["erlang-base", ...APPLICATIONS.map((name) => `erlang-${name}`)],
      // Its programs are shell scripts around the virtual machine.
      needs: ["busybox-binsh"],
    },
    [`erlang${version}-dev`]: { holds: ["erlang-dev"] },
    // With Hex in it, which Mix would otherwise fetch from where no sandbox reaches.
    elixir: { holds: ["elixir", "erlang-hex"] },
  };
}

/** Go of this version. */
export function goRecipes(version: string): Recipes {
  const bin = `../lib/go-${version}/bin`;
  return {
    go: {
      holds: [`golang-${version}-go`, `golang-${version}-src`],
      needs: ["binutils", "gcc", "musl-dev"],
      links: { "usr/bin/go": `${bin}/go`, "usr/bin/gofmt": `${bin}/gofmt`, "usr/lib/go": `go-${version}` },
    },
  };
}

const DEV_PROGRAMS = ["guild", "guile-config", "guile-snarf"];

/** Guile, which Debian names after its version; SBCL and others are called as in Debian. */
export const LISP_RECIPES: Recipes = {
  "guile-libs": { holds: ["guile-3.0-libs"] },
  guile: { holds: ["guile-3.0"], links: { "usr/bin/guile": "guile-3.0" } },
  "guile-dev": {
    holds: ["guile-3.0-dev"],
    needs: ["guile"],
    links: Object.fromEntries(DEV_PROGRAMS.map((name) => [`usr/bin/${name}`, `${name}-3.0`])),
  },
};

/** R: its front end is written in bash, and its packages are compiled with whatever compiled it. */
export const R_RECIPES: Recipes = {
  R: {
    holds: ["r-base-core"],
    needs: ["bash", "blas", "lapack"],
    // Debian's own installation script copies it there.
    links: { "etc/R/Renviron": "../../usr/lib/R/etc/Renviron.ucf" },
  },
  "R-mathlib": { holds: ["r-mathlib"] },
  "R-dev": { needs: ["R", "gcc", "g++", "gfortran", "make", "musl-dev", "R-mathlib"] },
};

/** Languages whose compilers Debian calls or cuts otherwise: D, Haskell, Mono, Nim and Raku. */
export function compiledRecipes({ phobos }: { readonly phobos?: string }): Recipes {
  return {
    ...(phobos && { "ldc-runtime": { holds: [`libphobos2-ldc-shared${phobos}`] } }),
    cabal: { holds: ["cabal-install"] },
    ghc: { holds: ["ghc"], needs: ["bash"] },
    mono: { holds: ["mono-runtime", "mono-libraries", "mono-devel"] },
    "mono-dev": { needs: ["mono"] },
    nimble: { needs: ["nim"] },
    zef: { holds: ["raku-zef"] },
  };
}
