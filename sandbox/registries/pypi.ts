import { createHash } from "node:crypto";
import { type ArchiveFiles, fileOf, hexDigest, tarFiles, zipOf } from "./archives.ts";
import type { Ecosystem } from "./ecosystem.ts";

const NAME = "inflection";
const VERSION = "0.3.1";
const DIST_INFO = `${NAME}-${VERSION}.dist-info`;

/**
 * The Python Package Index with the package `inflection`, as a wheel made of Debian's. The protocol is PEP 503
 * (packaging.python.org, "Simple repository API"); the wheel's format is PEP 427 ("Binary distribution format").
 */
export const pypi: Ecosystem<"inflection"> = {
  folder: "pypi",
  sources: {
    inflection: {
      debian: "pool/main/i/inflection/python3-inflection_0.3.1-3_all.deb",
      sha256: "a7ba9b1488effa6dd065acaace396b23e866c84f29b57552a35c99ee3cdcef52",
    },
  },
  async publish({ inflection }) {
    const module = fileOf(tarFiles(inflection), `usr/lib/python3/dist-packages/${NAME}.py`);
    const wheel = zipOf(wheelFiles(new Map([[`${NAME}.py`, module]])));
    const file = `${NAME}-${VERSION}-py2.py3-none-any.whl`;
    const link = `<a href="../../packages/${file}#sha256=${hexDigest("sha256", wheel)}">${file}</a>`;
    return { [`packages/${file}`]: wheel, [`simple/${NAME}/index.html`]: `<!DOCTYPE html>\n${link}\n` };
  },
  // pip trusts 127.0.0.1 without TLS, so nothing more is to be said.
  client: (url) => ({ files: { "etc/pip.conf": `[global]\nindex-url = ${url}/simple/\n` } }),
};

/** A wheel's files: the modules, what describes them, and the record of them all with their digests. */
function wheelFiles(modules: ArchiveFiles): ArchiveFiles {
  const files = new Map([
    ...modules,
    text("METADATA", ["Metadata-Version: 2.1", `Name: ${NAME}`, `Version: ${VERSION}`, "License: MIT"]),
    text("WHEEL", [
      "Wheel-Version: 1.0",
      "Generator: birdhouse",
      "Root-Is-Purelib: true",
      "Tag: py2-none-any",
      "Tag: py3-none-any",
    ]),
  ]);
  const record = [...files].map(([path, content]) => {
    const digest = createHash("sha256").update(content).digest("base64url");
    return `${path},sha256=${digest},${content.length}`;
  });
  return new Map([...files, text("RECORD", [...record, `${DIST_INFO}/RECORD,,`])]);
}

function text(name: string, lines: readonly string[]): [path: string, content: Buffer] {
  return [`${DIST_INFO}/${name}`, Buffer.from(`${lines.join("\n")}\n`)];
}
