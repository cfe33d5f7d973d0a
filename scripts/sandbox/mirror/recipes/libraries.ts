import type { Recipes } from "../recipe.ts";

/** Libraries that programs and native extensions are linked with, where Alpine names them otherwise. */
export const LIBRARY_RECIPES: Recipes = {
  gc: { holds: ["libgc1"] },
  "gc-dev": { holds: ["libgc-dev"] },
  gmp: { holds: ["libgmp10"] },
  "gmp-dev": { holds: ["libgmp-dev"] },
  libffi: { holds: ["libffi8"] },
  "linux-headers": { holds: ["linux-libc-dev"] },
  "ncurses-dev": { holds: ["libncurses-dev"] },
  "openssl-dev": { holds: ["libssl-dev"] },
  pcre2: { holds: ["libpcre2-8-0"] },
  "pcre2-dev": { holds: ["libpcre2-dev"] },
  "readline-dev": { holds: ["libreadline-dev"] },
  "sqlite-dev": { holds: ["libsqlite3-dev"] },
  yaml: { holds: ["libyaml-0-2"] },
  "yaml-dev": { holds: ["libyaml-dev"] },
  "zlib-dev": { holds: ["zlib1g-dev"] },
};
