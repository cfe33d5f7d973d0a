import { LANGUAGES } from "./languages.ts";
import { machineOf } from "./machine.ts";
import { RECIPE_SUITES, suiteRecipes } from "./recipes.ts";

const numbered = (versions: readonly (string | number)[], names: (version: string) => readonly string[]) =>
  versions.flatMap((version) => names(String(version)));

/** Every module that Alpine has a package of, for one version of PHP or another. */
const PHP_PARTS = [
  ...["apache2", "bcmath", "bz2", "calendar", "cgi", "common", "ctype", "curl", "dba", "dev", "dom", "embed"],
  ...["enchant", "exif", "ffi", "fileinfo", "fpm", "ftp", "gd", "gettext", "gmp", "iconv", "imap", "intl"],
  ...["json", "ldap", "litespeed", "mbstring", "mysqli", "mysqlnd", "odbc", "opcache", "openssl", "pcntl"],
  ...["pdo", "pdo_dblib", "pdo_mysql", "pdo_odbc", "pdo_pgsql", "pdo_sqlite", "pear", "pgsql", "phar"],
  ...["phpdbg", "posix", "pspell", "session", "shmop", "simplexml", "snmp", "soap", "sockets", "sodium"],
  ...["sqlite3", "sysvmsg", "sysvsem", "sysvshm", "tidy", "tokenizer", "xml", "xmlreader", "xmlrpc"],
  ...["xmlwriter", "xsl", "zip", "zlib"],
];

/** Packages of Alpine that Debian has in no version that fits, or in no form that can stand for them. */
const LACKING: readonly string[] = [
  // JavaScript and what compiles to it
  ...["deno", "nodejs-current", "nodejs-current-dev", "nodejs-npm", "pnpm", "quickjs", "typescript"],
  // Python
  ...["micropython", "py3-virtualenv", "py3-wheel", "python2", "python2-dev", "python3-tkinter", "uv"],
  // PHP
  ...numbered(["", 5, 7, 8, 81, 82, 83, 84, 85], (version) => [
    `php${version}`,
    ...PHP_PARTS.map((part) => `php${version}-${part}`),
  ]),
  // Ruby
  ...["jruby", "ruby-full", "ruby-rake"],
  // Rust
  ...["cargo", "rust", "rust-clippy", "rust-src", "rust-wasm", "rustfmt", "rustup"],
  // Java
  ...["java-cacerts", "openjdk8-jre-base", "openjdk8-jre-lib"],
  ...numbered([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25], (version) =>
    ["", "-demos", "-doc", "-jdk", "-jmods", "-jre", "-jre-headless", "-src", "-static-libs"].map(
      (part) => `openjdk${version}${part}`,
    ),
  ),
  // Erlang and its languages
  ...numbered(["", 26, 27, 28], (version) => [`erlang${version}`, `erlang${version}-dev`]),
  ...["gleam", "lfe"],
  // .NET
  ...numbered([6, 7, 8, 9, 10], (version) => [
    ...[`aspnetcore${version}-runtime`, `dotnet${version}-hostfxr`, `dotnet${version}-runtime`],
    ...[`dotnet${version}-sdk`, `dotnet${version}-sdk-aot`],
  ]),
  ...["dotnet-host", "powershell"],
  // Haskell, OCaml and Idris
  ...["idris2", "stack"],
  ...["dune", "ocaml", "ocaml-compiler-libs", "ocaml-findlib", "ocaml-ocamldoc", "ocaml-runtime", "opam"],
  // Lua, Lisp and Scheme
  ...[
    "chicken",
    "chicken-dev",
    "chicken-libs",
    "ecl",
    "fennel",
    "janet",
    "janet-dev",
    "lua",
    "lua-dev",
    "luarocks5.5",
    "racket",
    "racket-dev",
  ],
  // What compiles to programs
  ...[
    "dmd",
    "gcc-go",
    "gcc-objc",
    "gnucobol",
    "hare",
    "haxe",
    "ldc-static",
    "libgo",
    "libobjc",
    "vala",
    "zig",
  ],
  ...["glib", "glib-dev"],
  // Mathematics
  ...["octave", "octave-dev"],
];

/**
 * The names of Alpine's packages that the sandbox may lack on a branch though Alpine has them there: all that
 * it makes on any branch for any language, asked for now or not, and those that it never makes. A package of
 * another name that is not found is misspelt, here as with Alpine.
 */
export const mayLack: ReadonlySet<string> = new Set([
  ...LACKING,
  ...Object.values(LANGUAGES).flatMap(({ packages }) => Object.values(packages).flat()),
  // The names are the same on every machine.
  ...RECIPE_SUITES.flatMap((suite) => Object.keys(suiteRecipes(suite, machineOf("amd64")))),
]);
