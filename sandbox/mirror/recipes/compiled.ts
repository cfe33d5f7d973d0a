import type { Recipes } from "../recipe.ts";

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
