import { didYouMean } from "../../scripts/catalog/text/problems.ts";
import { UserError } from "../../scripts/system/errors.ts";

/** The variable that asks for more than every sandbox has: `all`, or names such as `java nim`. */
export const LANGUAGES_VARIABLE = "SANDBOX_LANGUAGES";

/** A language as the sandbox has it. */
export interface Language {
  /**
   * The branches on which every sandbox has it: the newest alone, so that a first rebuild shows many languages and takes
   * four minutes. Where it is asked for, it is on all that it has packages on.
   */
  readonly always: readonly string[];
  /** Branch → Alpine's packages: only where Debian's version is one that the branch has in Alpine too. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** What its example fetches from and the sandbox has nothing of: the example is not run there. */
  readonly exampleNeeds?: string;
}

const NODE = ["nodejs", "nodejs-dev", "npm", "yarn"];
const PYTHON = ["libffi-dev", "openssl-dev", "py3-pip", "py3-setuptools", "python3", "python3-dev"];
const RUBY = [
  ...["libffi-dev", "openssl-dev", "ruby", "ruby-bundler", "ruby-dev", "ruby-minitest"],
  ...["yaml-dev", "zlib-dev"],
];
const PERL = ["perl", "perl-app-cpanminus", "perl-dev", "perl-io-socket-ssl", "perl-utils"];
const GCC = ["gcc", "g++", "libatomic", "libgomp", "nlohmann-json"];
const FORTRAN = ["blas", "gfortran", "lapack", "libgfortran", "libgomp", "libquadmath"];
const ADA = ["gcc-gnat", "libgnat", "zlib-static"];
const CRYSTAL = [
  "crystal",
  "gc",
  "gc-dev",
  "libevent",
  "libevent-dev",
  "pcre2",
  "pcre2-dev",
  "shards",
  "zlib-static",
];
const D = ["dub", "gcc-gdc", "ldc", "ldc-runtime", "libgphobos", "sqlite-static"];
const ERLANG = ["erlang27", "erlang27-dev", "rebar3"];
const GUILE = ["guile", "guile-dev", "guile-json", "guile-libs"];
const TCL = ["tcl", "tcl-dev", "tcl-lib"];
const R = ["R", "R-dev", "R-mathlib", "openssl-dev"];

const lua = (...versions: string[]) => versions.flatMap((version) => [`lua${version}`, `lua${version}-dev`]);
const luarocks = (...versions: string[]) => versions.map((version) => `luarocks${version}`);

const PHP_MODULES = [
  ...["bcmath", "bz2", "calendar", "ctype", "curl", "dom", "exif", "fileinfo", "ftp", "gettext", "gmp"],
  ...["iconv", "intl", "mbstring", "mysqli", "mysqlnd", "opcache", "openssl", "pcntl", "pdo", "pdo_mysql"],
  ...["pdo_sqlite", "phar", "posix", "session", "shmop", "simplexml", "soap", "sockets", "sodium", "sqlite3"],
  ...["sysvmsg", "sysvsem", "sysvshm", "tokenizer", "xml", "xmlreader", "xmlwriter", "xsl", "zip"],
];
const php = (name: string) => [
  ...["composer", name, `${name}-dev`],
  ...PHP_MODULES.map((module) => `${name}-${module}`),
];

const jdk = (version: string) =>
  ["jre-headless", "jre", "jdk", "jmods"].map((part) => `openjdk${version}-${part}`);
/** Kotlin, Scala and Clojure come with it, or by way of Maven. */
const JAVA = [...jdk("21"), ...jdk("25"), "gradle", "maven", "p11-kit-trust", "zlib"];

/** By the names that the catalog's images have. */
export const LANGUAGES: Readonly<Record<string, Language>> = {
  ada: { always: [], packages: { "3.22": ADA } },
  elixir: { always: [], packages: { "3.22": [...ERLANG, "elixir"] } },
  erlang: { always: [], packages: { "3.22": ERLANG } },
  fortran: { always: [], packages: { "3.22": FORTRAN } },
  gcc: { always: ["3.24"], packages: { "3.22": GCC, "3.24": GCC } },
  go: { always: ["3.24"], packages: { "3.22": ["go"], "3.24": ["go"] } },
  guile: { always: [], packages: { "3.22": GUILE } },
  lua: {
    always: ["3.24"],
    packages: {
      "3.22": [...lua("5.1", "5.2", "5.3", "5.4"), ...luarocks("5.1", "5.2", "5.3", "5.4")],
      "3.24": [...lua("5.1", "5.2", "5.3", "5.4", "5.5"), ...luarocks("5.1", "5.2", "5.3", "5.4")],
    },
  },
  luajit: { always: ["3.24"], packages: { "3.24": ["luajit", "luajit-dev", "luarocks5.1"] } },
  node: {
    always: ["3.24"],
    packages: {
      // What compiles native modules is written in Python.
      "3.22": [...NODE, "python3"],
      "3.24": [...NODE, "python3"],
    },
  },
  perl: { always: ["3.24"], packages: { "3.22": PERL, "3.24": PERL } },
  php: { always: ["3.24"], packages: { "3.24": php("php84") } },
  "php-fpm": { always: [], packages: { "3.24": [...php("php84"), "php84-fpm"] } },
  python: { always: ["3.24"], packages: { "3.19": PYTHON, "3.24": PYTHON } },
  ruby: { always: [], packages: { "3.17": RUBY, "3.21": RUBY } },
  sbcl: { always: [], packages: { "3.22": ["sbcl", "sqlite-libs"] } },
  tcl: { always: ["3.24"], packages: { "3.22": TCL, "3.24": ["tcl9", "tcl9-dev"] } },

  clojure: { always: [], packages: { "3.24": [...JAVA, "clojure", "leiningen"] }, exampleNeeds: "Clojars" },
  crystal: { always: [], packages: { "3.21": CRYSTAL } },
  d: { always: [], packages: { "3.22": D, "3.24": D } },
  haskell: {
    always: [],
    packages: { "3.24": ["cabal", "ghc", "gmp", "gmp-dev", "libffi", "libffi-dev", "ncurses-dev"] },
    exampleNeeds: "Hackage",
  },
  java: { always: [], packages: { "3.24": JAVA }, exampleNeeds: "Maven Central" },
  "java-minimal": { always: [], packages: { "3.24": JAVA }, exampleNeeds: "Maven Central" },
  kotlin: { always: [], packages: { "3.24": JAVA }, exampleNeeds: "Maven Central" },
  mono: { always: [], packages: { "3.24": ["mono", "mono-dev"] } },
  nim: { always: ["3.24"], packages: { "3.24": ["nim", "nimble"] }, exampleNeeds: "Nimble's packages" },
  r: { always: [], packages: { "3.24": R }, exampleNeeds: "CRAN" },
  raku: { always: [], packages: { "3.21": ["rakudo", "zef"] }, exampleNeeds: "Raku's ecosystem" },
  scala: { always: [], packages: { "3.24": JAVA }, exampleNeeds: "Maven Central" },
};

/** The images whose examples the sandbox cannot run: name → what it lacks for that. */
export const EXAMPLE_NEEDS: ReadonlyMap<string, string> = new Map(
  Object.entries(LANGUAGES).flatMap(([name, { exampleNeeds }]) =>
    exampleNeeds === undefined ? [] : [[name, exampleNeeds] as const],
  ),
);

/**
 * The languages that are asked for beside what every sandbox has, in the order of their names.
 * @param asked `all`, or names parted by spaces or commas, with a branch where only that one is meant: `ruby@3.21`
 * @returns names, and names with a branch
 * @throws UserError for a name that is not in the table, or a branch that it is not on
 */
export function chooseLanguages(asked = ""): string[] {
  const words = asked.split(/[\s,]+/).filter((word) => word !== "");
  for (const word of words) checkAsked(word);
  return [...new Set(words.flatMap((word) => (word === "all" ? Object.keys(LANGUAGES) : [word])))].sort();
}

function checkAsked(word: string): void {
  if (word === "all") return;
  const known = Object.keys(LANGUAGES);
  const [name = "", ...rest] = word.split("@");
  if (!known.includes(name)) {
    throw new UserError(
      `${LANGUAGES_VARIABLE}: the sandbox has no language "${word}"${didYouMean(name, ["all", ...known])}`,
      `it has all, or any of these: ${known.join(" ")}`,
    );
  }
  const branch = rest.join("@");
  const branches = Object.keys(LANGUAGES[name]?.packages ?? {});
  if (rest.length === 0 || branches.includes(branch)) return;
  throw new UserError(
    `${LANGUAGES_VARIABLE}: the sandbox has no ${name} on branch "${branch}"`,
    `it has ${branches.map((one) => `${name}@${one}`).join(" and ")}`,
  );
}

/** Whether a branch has a language. @param asked as `chooseLanguages` gives it */
export function hasLanguage(branch: string, name: string, asked: readonly string[]): boolean {
  const always = LANGUAGES[name]?.always.includes(branch) === true;
  return always || asked.includes(name) || asked.includes(`${name}@${branch}`);
}
