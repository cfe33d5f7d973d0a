import type { Machine } from "../machine.ts";
import type { Recipes } from "../recipe.ts";

/** Libraries that programs and native extensions are linked with, where Alpine names or cuts them otherwise. */
export function libraryRecipes({ gnu }: Machine): Recipes {
  const blas = (name: string) => ({
    holds: [`lib${name}3`],
    // Debian has several of them; which one programs find is for its own system to say.
    links: { [`usr/lib/${gnu}/lib${name}.so.3`]: `${name}/lib${name}.so.3` },
  });
  return {
    blas: blas("blas"),
    lapack: blas("lapack"),
    gc: { holds: ["libgc1"] },
    "gc-dev": { holds: ["libgc-dev"] },
    gmp: { holds: ["libgmp10"] },
    "gmp-dev": { holds: ["libgmp-dev"] },
    libevent: { holds: ["libevent-2.1-7t64"] },
    libffi: { holds: ["libffi8"] },
    "linux-headers": { holds: ["linux-libc-dev"] },
    "ncurses-dev": { holds: ["libncurses-dev"] },
    "openssl-dev": { holds: ["libssl-dev"] },
    "p11-kit-trust": { holds: ["p11-kit", "p11-kit-modules"] },
    pcre2: { holds: ["libpcre2-8-0"] },
    "pcre2-dev": { holds: ["libpcre2-dev"] },
    "readline-dev": { holds: ["libreadline-dev"] },
    "nlohmann-json": { holds: ["nlohmann-json3-dev"] },
    "sqlite-dev": { holds: ["libsqlite3-dev"] },
    "sqlite-libs": { holds: ["libsqlite3-0"] },
    "sqlite-static": { takes: { "libsqlite3-dev": [`usr/lib/${gnu}/libsqlite3.a`] }, needs: ["sqlite-dev"] },
    yaml: { holds: ["libyaml-0-2"] },
    "yaml-dev": { holds: ["libyaml-dev"] },
    // Only another name for zlib1g: were the library itself called zlib, apk would take the one in Alpine's base image for it.
    // Images of a linked Java name it as all that Java needs; Debian's Java needs one library more.
    zlib: { needs: ["zlib1g", "libstdc++"] },
    "zlib-dev": { holds: ["zlib1g-dev"] },
    "zlib-static": { takes: { "zlib1g-dev": [`usr/lib/${gnu}/libz.a`] }, needs: ["zlib-dev"] },
  };
}
