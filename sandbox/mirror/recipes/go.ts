import type { Recipes } from "../recipe.ts";

/** Go of this version. */
export function goRecipes(version: string): Recipes {
  const bin = `../lib/go-${version}/bin`;
  return {
    go: {
      holds: [`golang-${version}-go`, `golang-${version}-src`],
      needs: ["binutils", "gcc", "musl-dev"],
      links: { "usr/bin/go": `${bin}/go`, "usr/bin/gofmt": `${bin}/gofmt`, "usr/lib/go": `go-${version}` },
    },
  };
}
