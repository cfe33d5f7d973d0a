import { hexDigest } from "./archives.ts";
import { type Ecosystem, templateUrl } from "./ecosystem.ts";

const FOLDER = "crates";

/**
 * crates.io with the crate `hex`, upstream's own from Debian's source package: it has the checksum that
 * everybody's Cargo.lock has. The protocol is the sparse index (doc.rust-lang.org/cargo/reference/registry-index.html),
 * which cargo speaks from 1.68 on.
 */
export const crates: Ecosystem<"hex"> = {
  folder: FOLDER,
  sources: {
    hex: {
      debian: "pool/main/r/rust-hex/rust-hex_0.4.3.orig.tar.gz",
      sha256: "7f24254aa9a54b5c858eaee2f5bccdb46aaf0e486a595ed5fd8f86ba55232a70",
    },
  },
  async publish({ hex }) {
    const release = {
      name: "hex",
      vers: "0.4.3",
      deps: [],
      cksum: hexDigest("sha256", hex),
      features: { alloc: [], default: ["std"], std: ["alloc"] },
      yanked: false,
    };
    return {
      "config.json.template": JSON.stringify({ dl: templateUrl(FOLDER, "dl") }),
      "3/h/hex": `${JSON.stringify(release)}\n`,
      "dl/hex/0.4.3/download": hex,
    };
  },
  // Cargo reads this file for every project below it: for all of them.
  client: (url) => ({
    files: {
      ".cargo/config.toml": `[source.crates-io]
replace-with = "sandbox"

[source.sandbox]
registry = "sparse+${url}/"
`,
    },
  }),
};
