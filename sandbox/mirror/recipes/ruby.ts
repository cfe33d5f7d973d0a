import type { Recipes } from "../recipe.ts";

/** Ruby of this version. */
export function rubyRecipes(version: string): Recipes {
  return {
    ruby: { holds: [`ruby${version}`, "ruby"] },
    "ruby-dev": { holds: [`ruby${version}-dev`, "ruby-dev"] },
    "ruby-bundler": { holds: ["ruby-bundler", "bundler"] },
  };
}
