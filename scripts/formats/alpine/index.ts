import { verify } from "node:crypto";
import type { Package } from "../../model/package.ts";
import { messageOf, UserError } from "../../system/errors.ts";
import { quotedStart } from "../../system/shown/clean-text.ts";
import { areProvisions } from "./dependency.ts";
import { emptyDraft, finish, type PackageDraft, setField } from "./entry.ts";
import { readMember } from "./gzip.ts";
import type { Keys } from "./keys.ts";
import { readTar, type TarEntry } from "./tar.ts";

/** The largest index read unless told otherwise, in bytes unpacked: six times what Alpine's largest have. */
const DEFAULT_LIMIT = 64 * 1024 * 1024;
/** A signature member is one small file. */
const SIGNATURE_LIMIT = 64 * 1024;

/** `.SIGN.RSA.` and the like → the hash that is signed. Source: apk-package(5), "Signature". */
const SIGNATURE = /^\.SIGN\.(?<scheme>RSA|RSA256|RSA512)\.(?<key>.+)$/;
const HASHES: Readonly<Record<string, string>> = { RSA: "sha1", RSA256: "sha256", RSA512: "sha512" };

/** A package index, believed. */
export interface IndexFile {
  readonly packages: readonly Package[];
  /** What had to be left out, and why; usually nothing. */
  readonly left: LeftOut;
  /** Such as `v3.22.2-206-g1a2b3c4`; empty where there is none. */
  readonly description: string;
  /**
   * When it was made, in milliseconds since 1970: the time of the signed file, or that of the newest package in it
   * where that is later. Times after ReadOptions.latest do not count; 0 where none is left.
   */
  readonly made: number;
}

/** Packages that cannot be used as the index describes them. */
export interface LeftOut {
  readonly count: number;
  /** What is wrong with the first. */
  readonly first?: string;
}

/** How an index is read. */
export interface ReadOptions {
  /** How many bytes it may unpack to. */
  readonly limit?: number;
  /** Milliseconds since 1970: nothing was made later, whatever is said of its time. Without it all is believed. */
  readonly latest?: number;
}

/** The packages of an index: see readIndexFile. */
export function readIndex(bytes: Buffer, keys: Keys, origin: string, limit = DEFAULT_LIMIT): Package[] {
  return [...readIndexFile(bytes, keys, origin, { limit }).packages];
}

/**
 * Reads and verifies an `APKINDEX.tar.gz`: a gzip member with a signature, then one with the index. The
 * signature is over the compressed bytes of the second, and nothing of that is unpacked before it is verified.
 * A package that is described in a way that cannot be right is left out, and the others are not.
 *
 * @param origin where the bytes came from: a URL or a path, for the messages
 * @throws UserError naming the origin, when the index is cut off, damaged, too large, or not signed by one of
 *   the keys
 */
export function readIndexFile(
  bytes: Buffer,
  keys: Keys,
  origin: string,
  { limit = DEFAULT_LIMIT, latest = Infinity }: ReadOptions = {},
): IndexFile {
  try {
    const signature = readMember(bytes, 0, SIGNATURE_LIMIT);
    const signed = bytes.subarray(signature.compressed.length);
    verifySignature(signed, signature.content, keys);
    const index = readMember(signed, 0, limit);
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
 * @param leaveOut told what is wrong with a package that is left out; without it nothing may be wrong
 * @throws Error when a line or a package is not what it should be
 */
export function parseIndex(text: string, leaveOut: (problem: Error) => void = raise): Package[] {
  const packages: Package[] = [];
  let draft: PackageDraft | undefined;
  let problem: Error | undefined;
  let wrong = 0;
  const close = () => {
    if (draft) problem ??= finishProblem(draft);
    if (problem && ++wrong > MOST_WRONG)
      throw new Error(
        `more than ${MOST_WRONG} packages in it are wrong, such as this one: ${problem.message}`,
      );
    if (problem) leaveOut(problem);
    else if (draft) packages.push(draft);
    draft = undefined;
    problem = undefined;
  };
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    if (end > start) {
      draft ??= emptyDraft();
      problem ??= fieldProblem(draft, text, start, end);
    } else close();
    start = end + 1;
  }
  close();
  return packages;
}

function raise(problem: Error): never {
  throw problem;
}

function fieldProblem(draft: PackageDraft, text: string, start: number, end: number): Error | undefined {
  try {
    setField(draft, text, start, end);
    return undefined;
  } catch (error) {
    return named(draft, error);
  }
}

function finishProblem(draft: PackageDraft): Error | undefined {
  try {
    finishIndexed(draft);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** The same error, behind the name of the package it is about, where that is known by then. */
function named({ name }: PackageDraft, error: unknown): Error {
  return new Error(`${name === "" ? "" : `${quotedStart(name)}: `}${messageOf(error)}`);
}

/**
 * In an index, other than among what is installed, a package must have what it takes to fetch and check it. What it
 * provides is what a plan reads of every package.
 */
function finishIndexed(draft: PackageDraft): void {
  const { name, checksum, size, provides } = finish(draft);
  if (checksum === "") throw new Error(`${name}: its checksum is missing`);
  if (size === 0) throw new Error(`${name}: its size is missing`);
  if (!areProvisions(provides))
    throw new Error(`${name}: its provides field is damaged: ${quotedStart(provides)}`);
}

/**
 * Most of an index is ASCII, and a string of one byte a letter is several times faster to make and to
 * cut than one of two. So the bytes are taken for Latin-1 first, and only the fields that people write
 * in their own language are then decoded as the UTF-8 that they are.
 */
function parseIndexBytes(bytes: Buffer): Pick<IndexFile, "packages" | "left"> {
  let left: LeftOut = { count: 0 };
  const packages: PackageDraft[] = parseIndex(bytes.toString("latin1"), ({ message }) => {
    left = { count: left.count + 1, first: left.first ?? message };
  });
  for (const each of packages) {
    if (NOT_ASCII.test(each.maintainer)) each.maintainer = decodeUtf8(each.maintainer);
    if (NOT_ASCII.test(each.description)) each.description = decodeUtf8(each.description);
  }
  return { packages, left };
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
    const read = parseIndexBytes(content);
    return { ...read, description, made: newestOf(read.packages, mtime, latest / 1000) * 1000 };
  }
  throw new Error("there is no APKINDEX in it");
}

/** The newest of some times, in seconds since 1970, that lies not after the latest. */
function newestOf(packages: readonly Package[], mtime: number, latest: number): number {
  let newest = 0;
  if (mtime > newest && mtime <= latest) newest = mtime;
  for (const { buildTime } of packages) {
    if (buildTime > newest && buildTime <= latest) newest = buildTime;
  }
  return newest;
}

function verifySignature(signed: Buffer, archive: Buffer, keys: Keys): void {
  const named: string[] = [];
  for (const entry of readTar(archive)) {
    const { scheme = "", key = "" } = SIGNATURE.exec(entry.path)?.groups ?? {};
    const publicKey = keys.get(key);
    if (publicKey && verify(HASHES[scheme], signed, publicKey, entry.content)) return;
    if (publicKey)
      throw new Error(`the signature does not match: the index was changed, or ${key} is another key`);
    named.push(nameOfSignature(entry));
  }
  if (named.length === 0) throw new Error("it is not signed");
  const known = [...keys.keys()].join(", ") || "none";
  throw new Error(
    `it is signed by ${named.slice(0, 3).join(", ")}, which is not among the known keys (${known})`,
  );
}

function nameOfSignature(entry: TarEntry): string {
  return entry.path.replace(/^\.SIGN\.[^.]+\./, "");
}
