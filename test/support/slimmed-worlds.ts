/** What can be done to save, by the packages alone: a world, and the larger one in its place. All on 3.22. */
export const SLIMMED_WORLDS: Readonly<
  Record<string, { readonly world: string; readonly insteadOf: string }>
> = {
  "Python without its bytecode packages": { world: "python3 !pyc", insteadOf: "python3" },
  "ICU with English alone, for Node.js": { world: "nodejs", insteadOf: "nodejs icu-data-full" },
  "a C compiler instead of all of build-base": { world: "gcc musl-dev make", insteadOf: "build-base" },
  "a C++ compiler instead of all of build-base": { world: "g++ make", insteadOf: "build-base" },
  "the libraries of C++ instead of the compiler": { world: "libstdc++", insteadOf: "g++" },
  "Ruby without the gems of ruby-full": { world: "ruby", insteadOf: "ruby-full" },
  "Perl's bare interpreter": { world: "miniperl", insteadOf: "perl" },
  "Lua's library without its interpreter": { world: "lua5.4-libs", insteadOf: "lua5.4" },
  "certificates as one file, without the tools": {
    world: "ca-certificates-bundle",
    insteadOf: "ca-certificates",
  },
  "busybox without its TLS helper, for Node.js": { world: "nodejs !ssl_client", insteadOf: "nodejs" },
};
