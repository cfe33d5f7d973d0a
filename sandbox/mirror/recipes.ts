import type { Suite } from "../debian.ts";
import type { Machine } from "./machine.ts";
import type { Recipes } from "./recipe.ts";
import { baseRecipes } from "./recipes/base.ts";
import { gccRecipes } from "./recipes/gcc.ts";
import { javaRecipes } from "./recipes/java.ts";
import {
  compiledRecipes,
  erlangRecipes,
  goRecipes,
  LISP_RECIPES,
  LUA_RECIPES,
  nodeRecipes,
  PERL_RECIPES,
  pythonRecipes,
  R_RECIPES,
  rubyRecipes,
  TCL_RECIPES,
} from "./recipes/languages.ts";
import { libraryRecipes } from "./recipes/libraries.ts";
import { phpRecipes } from "./recipes/php.ts";

/** What differs between the suites: the versions that Debian's packages are named after. */
interface SuiteVersions {
  readonly gcc: string;
  readonly python: string;
  readonly ruby?: string;
  readonly node?: { readonly node: string; readonly npm: string };
  readonly go?: string;
  readonly php?: string;
  readonly erlang?: string;
  readonly java?: readonly string[];
  readonly clojure?: string;
  readonly phobos?: string;
}

const SUITES: Readonly<Record<Suite, SuiteVersions>> = {
  bookworm: {
    gcc: "12",
    python: "3.11",
    ruby: "3.1",
  },
  trixie: {
    gcc: "14",
    python: "3.13",
    ruby: "3.3",
    node: { node: "22", npm: "10" },
    go: "1.24",
    erlang: "27",
    phobos: "110",
  },
  forky: {
    php: "8.4",
    gcc: "15",
    python: "3.14",
    node: { node: "24", npm: "11" },
    go: "1.26",
    java: ["21", "25"],
    clojure: "1.12",
    phobos: "112",
  },
};

/** The recipes of a suite, on a machine of this kind. */
export function suiteRecipes(suite: Suite, machine: Machine): Recipes {
  const versions = SUITES[suite];
  return {
    ...baseRecipes(machine),
    ...libraryRecipes(machine),
    ...gccRecipes(versions.gcc, machine),
    ...pythonRecipes(versions.python),
    ...PERL_RECIPES,
    ...LUA_RECIPES,
    ...LISP_RECIPES,
    ...TCL_RECIPES,
    ...compiledRecipes(versions),
    ...R_RECIPES,
    ...(versions.ruby && rubyRecipes(versions.ruby)),
    ...(versions.node && nodeRecipes(versions.node, machine)),
    ...(versions.go && goRecipes(versions.go)),
    ...(versions.php && phpRecipes(versions.php)),
    ...(versions.java && javaRecipes(versions.java, machine, versions.clojure)),
    ...(versions.erlang && erlangRecipes(versions.erlang)),
  };
}

/** The suites that there are recipes for. */
export const RECIPE_SUITES: readonly Suite[] = ["bookworm", "trixie", "forky"];
