import type { Recipes } from "../recipe.ts";

/** Languages whose compilers Debian calls or cuts otherwise: D, Haskell, Mono, Nim, Raku and Rust. */
export function compiledRecipes({ phobos }: { readonly phobos?: string }): Recipes {
  return {
    ...(phobos && { "ldc-runtime": { holds: [`libphobos2-ldc-shared${phobos}`] } }),
    cabal: { holds: ["cabal-install"] },
    mono: { holds: ["mono-runtime", "mono-libraries", "mono-devel"] },
    nimble: { needs: ["nim"] },
    rust: { holds: ["rustc"] },
    zef: { holds: ["raku-zef"] },
  };
}
