import type { Recipes } from "../recipe.ts";

/** R: its front end is written in bash, and its packages are compiled with whatever compiled it. */
export const R_RECIPES: Recipes = {
  R: { holds: ["r-base-core"], needs: ["bash"] },
  "R-mathlib": { holds: ["r-mathlib"] },
  "R-dev": { needs: ["R", "gcc", "g++", "gfortran", "make", "musl-dev", "R-mathlib"] },
};
