import type { Recipes } from "../recipe.ts";

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
