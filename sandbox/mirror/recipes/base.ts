import { basename } from "node:path";
import type { Machine } from "../machine.ts";
import type { Recipes } from "../recipe.ts";
import { SHADOW, SYSTEM_FILES } from "../system-files.ts";

/** What every image stands on: the C libraries, busybox, certificates, the files of /etc. */
export function baseRecipes({ gnu, loader, musl }: Machine): Recipes {
  return {
    // Debian of today keeps everything below /usr; programs name their loader where it always was.
    libc6: {
      // Programs that ask for UTF-8 find it, as they do in Alpine's C library.
      holds: ["libc6"],
      takes: { "libc-bin": ["usr/lib/locale/C.utf8/"] },
      links: {
        [loader]: `/usr/lib/${gnu}/${basename(loader)}`,
        [`lib/${gnu}`]: `../usr/lib/${gnu}`,
      },
    },
    // Who asks for the C library means the one that programs here are linked with.
    musl: {
      holds: ["musl"],
      needs: ["libc6"],
      links: { [musl.loader]: `/usr/lib/${musl.triplet}/libc.so` },
    },
    busybox: { holds: ["busybox-static"], links: { "bin/busybox": "/usr/bin/busybox" } },
    "busybox-binsh": { needs: ["busybox"], version: "1", links: { "bin/sh": "/bin/busybox" } },
    // What `#!/usr/bin/env` is, alone, as Alpine has it since 3.19.
    "coreutils-env": { takes: { coreutils: ["usr/bin/env"] }, needs: ["libc6"], version: "9.7" },
    // Every Debian has it, so none of the programs that are written in it says that it needs it.
    bash: { holds: ["bash"], links: { "bin/bash": "/usr/bin/bash" } },
    "ca-certificates-bundle": {
      holds: ["ca-certificates"],
      joins: { from: "usr/share/ca-certificates/", into: "etc/ssl/certs/ca-certificates.crt" },
      links: { "etc/ssl/cert.pem": "certs/ca-certificates.crt" },
    },
    "ca-certificates": { needs: ["ca-certificates-bundle"], version: "1" },
    "alpine-baselayout-data": { version: "3", files: SYSTEM_FILES, secrets: { "etc/shadow": SHADOW } },
    "alpine-baselayout": {
      needs: ["alpine-baselayout-data"],
      version: "3",
      directories: {
        dev: 0o755,
        home: 0o755,
        proc: 0o555,
        root: 0o700,
        run: 0o755,
        sys: 0o555,
        tmp: 0o1777,
        "var/tmp": 0o1777,
      },
      links: { "var/run": "../run" },
    },
    // Alpine's own libssl3, in its base image, would be taken for this one if that had the same name.
    "debian-libssl3": { holds: ["libssl3"] },
  };
}
