import { verify } from "node:crypto";
import type { Package } from "../../model/package.ts";
import { messageOf, UserError } from "../../system/errors.ts";
import { quotedStart } from "../../system/shown/clean-text.ts";
import { areProvisions } from "./dependency.ts";
import { emptyDraft, finish, setField } from "./entry.ts";
import { readMember } from "./gzip.ts";
import type { Keys } from "./keys.ts";
import { readTar } from "./tar.ts";

/** The largest index read, in bytes unpacked: six times what Alpine's largest have. */
const LIMIT = 64 * 1024 * 1024;
/** A signature member is one small file. */
const SIGNATURE_LIMIT = 64 * 1024;

/** `.SIGN.RSA.` and the like → the hash that is signed. Source: apk-package(5), "Signature". */
const SIGNATURE = /^\.SIGN\.(?<scheme>RSA|RSA256|RSA512)\.(?<key>.+)$/;
const HASHES: Readonly<Record<string, string>> = { RSA: "sha1", RSA256: "sha256", RSA512: "sha512" };

/** A package index, believed. */
export interface IndexFile {
  readonly packages: readonly Package[];
  /** How many cannot be used as the index describes them, usually none, and what is wrong with the first. */
  readonly left: { readonly count: number; readonly first?: string };
  /** Such as `v3.22.2-206-g1a2b3c4`; empty where there is none. */
  readonly description: string;
  /**
   * When it was made, in milliseconds since 1970: the time of the signed file, or that of the newest package in it
   * where that is later. 0 where none is known.
   */
  readonly made: number;
}

/**
 * Reads and verifies an `APKINDEX.tar.gz`: a gzip member with a signature, then one with the index. The
 * signature is over the compressed bytes of the second, and nothing of that is unpacked before it is verified.
 * A package that is described in a way that cannot be right is left out, and the others are not.
 *
 * @param origin where the bytes came from: a URL or a path, for the messages
 * @param latest nothing was made later, whatever is said of its time, in milliseconds since 1970; else all is believed
 * @throws UserError naming the origin, when the index is cut off, damaged, too large, or not signed by one of
 *   the keys
 */
export function readIndex(bytes: Buffer, keys: Keys, origin: string, latest = Infinity): IndexFile {
  try {
    const signature = readMember(bytes, 0, SIGNATURE_LIMIT);
    const signed = bytes.subarray(signature.compressed.length);
    verifySignature(signed, signature.content, keys);
    const index = readMember(signed, 0, LIMIT);
    if (index.compressed.length !== signed.length)
      throw new Error("there is more after the end of the index");
    return indexFileOf(index.content, latest);
  } catch (error) {
    throw new UserError(
      `${origin}: this package index cannot be used: ${messageOf(error)}`,
      "try again; if it fails again, use another mirror, and check that the keys are those of the mirror",
    );
  }
}

/** How many packages may be left out of an index: more, and it is no index. */
const MOST_WRONG = 1000;

/**
 * The packages of an index, in its order. The text is one `X:value` a line, and an empty line after each package.
 *
 * Most of it is ASCII, and a string of one byte a letter is several times faster to make and to cut than one of two.
 * So the bytes are taken for Latin-1 first, and only the fields that people write in their own language are then
 * decoded as the UTF-8 that they are.
 *
 * @throws Error when too many packages are not what they should be
 */
export function parseIndex(bytes: Buffer): Pick<IndexFile, "packages" | "left"> {
  const packages: Package[] = [];
  let left: IndexFile["left"] = { count: 0 };
  for (const lines of bytes.toString("latin1").split("\n\n")) {
    if (lines === "" || lines === "\n") continue;
    try {
      packages.push(parsePackage(lines));
    } catch (error) {
      const problem = messageOf(error);
      left = { count: left.count + 1, first: left.first ?? problem };
      if (left.count > MOST_WRONG)
        throw new Error(`more than ${MOST_WRONG} packages in it are wrong, such as this one: ${problem}`);
    }
  }
  return { packages, left };
}

function parsePackage(lines: string): Package {
  const draft = emptyDraft();
  try {
    for (let start = 0; start < lines.length; ) {
      const newline = lines.indexOf("\n", start);
      const end = newline < 0 ? lines.length : newline;
      if (end > start) setField(draft, lines, start, end);
      start = end + 1;
    }
  } catch (error) {
    throw new Error(`${draft.name === "" ? "" : `${quotedStart(draft.name)}: `}${messageOf(error)}`);
  }
  const { name, checksum, size, provides } = finish(draft);
  // In an index, other than among what is installed, a package must have what it takes to fetch and check it. What it
  // provides is what a plan reads of every package.
  if (checksum === "") throw new Error(`${name}: its checksum is missing`);
  if (size === 0) throw new Error(`${name}: its size is missing`);
  if (!areProvisions(provides))
    throw new Error(`${name}: its provides field is damaged: ${quotedStart(provides)}`);
  if (NOT_ASCII.test(draft.maintainer)) draft.maintainer = decodeUtf8(draft.maintainer);
  if (NOT_ASCII.test(draft.description)) draft.description = decodeUtf8(draft.description);
  return draft;
}

const NOT_ASCII = /[\x80-\xff]/;

function decodeUtf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

function indexFileOf(archive: Buffer, latest: number): IndexFile {
  let description = "";
  for (const { path, content, mtime } of readTar(archive)) {
    if (path === "DESCRIPTION") description = content.toString("utf8").trim();
    if (path !== "APKINDEX") continue;
    const { packages, left } = parseIndex(content);
    const times = [mtime, ...packages.map(({ buildTime }) => buildTime)].map((seconds) => seconds * 1000);
    const made = times.reduce((newest, time) => (time <= latest ? Math.max(newest, time) : newest), 0);
    return { packages, left, description, made };
  }
  throw new Error("there is no APKINDEX in it");
}

function verifySignature(signed: Buffer, archive: Buffer, keys: Keys): void {
  const named: string[] = [];
  for (const entry of readTar(archive)) {
    const { scheme = "", key = "" } = SIGNATURE.exec(entry.path)?.groups ?? {};
    const publicKey = keys.get(key);
    if (publicKey && verify(HASHES[scheme], signed, publicKey, entry.content)) return;
    if (publicKey)
      throw new Error(`the signature does not match: the index was changed, or ${key} is another key`);
    named.push(entry.path.replace(/^\.SIGN\.[^.]+\./, ""));
  }
  if (named.length === 0) throw new Error("it is not signed");
  const known = [...keys.keys()].join(", ") || "none";
  throw new Error(
    `it is signed by ${named.slice(0, 3).join(", ")}, which is not among the known keys (${known})`,
  );
}
