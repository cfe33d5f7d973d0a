import type { Recipes } from "../recipe.ts";

/** Libraries that programs and native extensions are linked with, where Alpine names them otherwise. */
export const LIBRARY_RECIPES: Recipes = {
  gc: { holds: ["libgc1"] },
  "gc-dev": { holds: ["libgc-dev"] },
  gmp: { holds: ["libgmp10"] },
  "gmp-dev": { holds: ["libgmp-dev"] },
  libevent: { holds: ["libevent-2.1-7t64"] },
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
  // Only its name: Alpine's own zlib, in its base image, would be taken for Debian's if that were called so.
  zlib: { needs: ["zlib1g"] },
  "zlib-dev": { holds: ["zlib1g-dev"] },
};
