import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { type ArchiveFiles, hexDigest, moved, tarFiles, tarGzOf, tarOf } from "./archives.ts";
import type { Ecosystem } from "./ecosystem.ts";

const NAME = "mustache";
const VERSION = "1.1.1";
const RUBY = "2.0";

/**
 * rubygems.org with the gem `mustache`, made of Debian's package. The protocol is the compact index
 * (guides.rubygems.org, "Compact Index API"), which Bundler speaks from 1.12 on and `gem` from 3.2 on.
 */
export const rubygems: Ecosystem<"mustache"> = {
  folder: "rubygems",
  sources: {
    mustache: {
      debian: "pool/main/r/ruby-mustache/ruby-mustache_1.1.1-2_all.deb",
      sha256: "b9a30969129eb1de5f212e5d89aa23da2b5ec949d6467b713db72cefb71a8322",
    },
  },
  async publish({ mustache }) {
    const gem = await gemOf(moved(tarFiles(mustache), "usr/lib/ruby/vendor_ruby/", "lib/"));
    const info = `---\n${VERSION} |checksum:${hexDigest("sha256", gem)},ruby:>= ${RUBY}\n`;
    return {
      versions: `created_at: 2020-01-01T00:00:00Z\n---\n${NAME} ${VERSION} ${hexDigest("md5", info)}\n`,
      names: `---\n${NAME}\n`,
      [`info/${NAME}`]: info,
      [`gems/${NAME}-${VERSION}.gem`]: gem,
    };
  },
  client: (url) => ({
    // The mirror's name is a variable that no shell would hand on, so it stands in a file.
    env: { BUNDLE_USER_CONFIG: "/etc/bundle.config" },
    files: {
      "etc/bundle.config": `---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: "${url}/"\n`,
      "etc/gemrc": `---\n:sources:\n- ${url}/\n`,
    },
  }),
};

/** A gem: a tar of its specification and its files, each compressed. The format is `gem help package`'s own. */
async function gemOf(files: ArchiveFiles): Promise<Buffer> {
  const parts = new Map([
    ["metadata.gz", gzipSync(specification([...files.keys()]))],
    ["data.tar.gz", await tarGzOf(files)],
  ]);
  const sums = [...parts].map(([name, content]) => [name, hexDigest("sha256", content)]);
  const checksums = gzipSync(stringify({ SHA256: Object.fromEntries(sums) }));
  return await tarOf(new Map([...parts, ["checksums.yaml.gz", checksums]]));
}

/** The gem's specification, as Ruby writes its object `Gem::Specification` in YAML. */
function specification(files: readonly string[]): string {
  return `--- !ruby/object:Gem::Specification
name: ${NAME}
version: !ruby/object:Gem::Version
  version: ${VERSION}
platform: ruby
authors:
- Chris Wanstrath
- Magnus Holm
- Ricardo Mendes
bindir: bin
date: 2020-01-01 00:00:00.000000000 Z
dependencies: []
executables: []
extensions: []
extra_rdoc_files: []
files:
${files.map((file) => `- ${file}\n`).join("")}homepage: https://github.com/mustache/mustache
licenses:
- MIT
metadata: {}
rdoc_options: []
require_paths:
- lib
required_ruby_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '${RUBY}'
required_rubygems_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '0'
requirements: []
rubygems_version: 3.0.0
specification_version: 4
summary: Mustache is a framework-agnostic way to render logic-free views.
test_files: []
`;
}
