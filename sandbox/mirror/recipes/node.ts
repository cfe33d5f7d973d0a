import type { Machine } from "../machine.ts";
import type { Recipes } from "../recipe.ts";

/** Node.js and npm, of these major versions, as their makers build them. */
export function nodeRecipes(versions: { node: string; npm: string }, { npmNode }: Machine): Recipes {
  const spec = `${npmNode}@${versions.node}`;
  return {
    nodejs: {
      npm: { spec, only: ["bin/"], into: "usr" },
      needs: ["libc6", "libgcc", "libstdc++", "ca-certificates"],
    },
    "nodejs-dev": { npm: { spec, only: ["include/"], into: "usr" }, needs: ["nodejs"] },
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
