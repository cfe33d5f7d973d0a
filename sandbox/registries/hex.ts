import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { type ArchiveFiles, hexDigest, sourceFiles, tarGzOf, tarOf } from "./archives.ts";
import type { Ecosystem, Files } from "./ecosystem.ts";

const REPOSITORY = "hexpm";
/** The version of the tarball's own format. */
const FORMAT = "3";

interface Package {
  readonly name: string;
  readonly version: string;
  readonly buildTool: "mix" | "rebar3";
}
const BBMUSTACHE: Package = { name: "bbmustache", version: "1.12.2", buildTool: "rebar3" };
const NIMBLE_PARSEC: Package = { name: "nimble_parsec", version: "1.4.2", buildTool: "mix" };

/** What packages hold; tests and what serves development is left out, as their authors do. */
const KEPT = /^(src\/|lib\/|mix\.exs$|rebar\.config$|\.formatter\.exs$|LICENSE|README\.md$)/;

/**
 * hex.pm with `bbmustache` for Erlang and `nimble_parsec` for Elixir, upstream's own from Debian's source
 * packages. The protocol is that of a Hex repository, and so is the tarball's format (github.com/hexpm/specifications,
 * registry-v2.md and package_tarball.md). It is not signed with hex.pm's key, so clients are told not to ask for that.
 */
export const hex: Ecosystem<"bbmustache" | "nimbleParsec"> = {
  folder: "hex",
  sources: {
    bbmustache: {
      debian: "pool/main/e/erlang-bbmustache/erlang-bbmustache_1.12.2.orig.tar.gz",
      sha256: "1e375c12b9f1e4acc90d9e32e920a2465c7ef29ff0b0ba9d4d7d7cf4274d3c0a",
    },
    nimbleParsec: {
      debian: "pool/main/e/elixir-nimble-parsec/elixir-nimble-parsec_1.4.2.orig.tar.xz",
      sha256: "0268b1485fd83151b2c98188689d52609d2b9a562730de96ae5dfe89719fa088",
    },
  },
  async publish({ bbmustache, nimbleParsec }) {
    return {
      ...(await filesOf(BBMUSTACHE, sourceFiles(gunzipSync(bbmustache)))),
      ...(await filesOf(NIMBLE_PARSEC, sourceFiles(nimbleParsec))),
    };
  },
  client: (url) => ({
    env: { HEX_MIRROR: url, HEX_UNSAFE_REGISTRY: "1", HEX_CDN: url },
    files: {
      "root/.config/rebar3/rebar.config": `{hex, [{repos, [#{name => <<"${REPOSITORY}">>, repo_verify => false}]}]}.\n`,
    },
  }),
};

/** What a repository has of a package: its releases with their checksums, and its tarball. */
async function filesOf(item: Package, all: ArchiveFiles): Promise<Files> {
  const { name, version } = item;
  const files = new Map([...all].filter(([path]) => KEPT.test(path)));
  const { tarball, checksum } = await tarballOf(item, files);
  const outerChecksum = createHash("sha256").update(tarball).digest();
  const release = message([
    [1, version],
    [2, checksum],
    [5, outerChecksum],
  ]);
  const releases = message([
    [1, release],
    [2, name],
    [3, REPOSITORY],
  ]);
  return {
    [`packages/${name}`]: gzipSync(message([[1, releases]])),
    [`tarballs/${name}-${version}.tar`]: tarball,
  };
}

async function tarballOf(item: Package, files: ArchiveFiles): Promise<{ tarball: Buffer; checksum: Buffer }> {
  const metadata = Buffer.from(metadataOf(item, [...files.keys()]));
  const contents = await tarGzOf(files);
  const inner = Buffer.concat([Buffer.from(FORMAT), metadata, contents]);
  const parts = new Map([
    ["VERSION", Buffer.from(FORMAT)],
    ["CHECKSUM", Buffer.from(hexDigest("sha256", inner).toUpperCase())],
    ["metadata.config", metadata],
    ["contents.tar.gz", contents],
  ]);
  return { tarball: await tarOf(parts), checksum: createHash("sha256").update(inner).digest() };
}

/** Erlang's terms, as `file:consult/1` reads them. */
function metadataOf({ name, version, buildTool }: Package, files: readonly string[]): string {
  const binary = (text: string) => `<<"${text}">>`;
  const terms = {
    name: binary(name),
    version: binary(version),
    app: binary(name),
    build_tools: `[${binary(buildTool)}]`,
    requirements: "[]",
    files: `[${files.map((one) => binary(one)).join(",")}]`,
  };
  return Object.entries(terms)
    .map(([key, value]) => `{${binary(key)},${value}}.\n`)
    .join("");
}

/** One field of a message: text and bytes are written alike, and so is a message inside of a message. */
type Field = readonly [number: number, value: string | Buffer];

/** Above this, lengths take more than one byte of seven bits each. */
const SEVEN_BITS = 0x80;
/** The wire type of everything that has a length before it. */
const LENGTH_DELIMITED = 2;

/** Writes a message in Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding). */
function message(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      const content = Buffer.from(value);
      return [varint((number << 3) | LENGTH_DELIMITED), varint(content.length), content];
    }),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= SEVEN_BITS; rest >>>= 7) bytes.push((rest & (SEVEN_BITS - 1)) | SEVEN_BITS);
  return Buffer.from([...bytes, rest]);
}
