import { gzipSync } from "node:zlib";
import type { Ecosystem } from "./ecosystem.ts";

const FILE = "N/NE/NEILB/Time-Duration-1.21.tar.gz";

/**
 * CPAN with the distribution `Time-Duration`, which is upstream's own archive from Debian's source package.
 * The layout is that of CPAN's mirrors, with `02packages.details.txt` as its index (the Perl module
 * Parse::CPAN::Packages documents it).
 */
export const cpan: Ecosystem<"duration"> = {
  folder: "cpan",
  sources: {
    duration: {
      debian: "pool/main/libt/libtime-duration-perl/libtime-duration-perl_1.21.orig.tar.gz",
      sha256: "fe340eba8765f9263694674e5dff14833443e19865e5ff427bbd79b7b5f8a9b8",
    },
  },
  async publish({ duration }) {
    const index = [
      "File: 02packages.details.txt",
      "Columns: package name, version, path",
      "Line-Count: 1",
      "",
      `Time::Duration 1.21 ${FILE}`,
    ];
    return {
      "modules/02packages.details.txt.gz": gzipSync(`${index.join("\n")}\n`),
      [`authors/id/${FILE}`]: duration,
    };
  },
  client: (url) => ({ env: { PERL_CPANM_OPT: `--mirror ${url} --mirror-only` } }),
};
