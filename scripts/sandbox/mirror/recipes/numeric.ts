import type { Machine } from "../machine.ts";
import type { Recipes } from "../recipe.ts";

/** R, and the linear algebra that it calls: Debian links the library that is used by its own system. */
export function numericRecipes({ gnu }: Machine): Recipes {
  const library = (name: string) => ({
    holds: [`lib${name}3`],
    links: { [`usr/lib/${gnu}/lib${name}.so.3`]: `${name}/lib${name}.so.3` },
  });
  return {
    blas: library("blas"),
    lapack: library("lapack"),
    R: { holds: ["r-base-core"], needs: ["bash"] },
    "R-mathlib": { holds: ["r-mathlib"] },
    "R-dev": { needs: ["R", "gcc", "g++", "gfortran", "make", "musl-dev", "R-mathlib"] },
  };
}
