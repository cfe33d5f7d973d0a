import { createHash } from "node:crypto";
import { readMember } from "../../scripts/formats/alpine/gzip.ts";
import { readTar } from "../../scripts/formats/alpine/tar.ts";
import type { Package } from "../../scripts/model/package.ts";
import { messageOf, UserError } from "../../scripts/system/errors.ts";

/** What is in a package that the index vouches for. */
export interface PackageContent {
  /** The fields of `.PKGINFO`, each with all its values. */
  readonly info: ReadonlyMap<string, readonly string[]>;
  /** A tar of the files. */
  readonly data: Buffer;
}

/** The signature and `.PKGINFO` with the scripts are small; data may be as large as a compiler. In bytes. */
const CONTROL_LIMIT = 16 * 1024 * 1024;
const DATA_LIMIT = 2 * 1024 ** 3;

/**
 * Opens a package: three gzip members with a signature, control and data. The signed index knows the checksum of the
 * control member, and that knows the hash of the data, so the package's own signature adds nothing.
 * Source: https://wiki.alpinelinux.org/wiki/Apk_spec#Binary_Format
 *
 * @param expected the package's entry in the index
 * @param origin where the bytes came from, for the message
 * @throws UserError when it is not the package that the index means
 */
export function openPackage(bytes: Buffer, expected: Package, origin: string): PackageContent {
  try {
    const signature = readMember(bytes, 0, CONTROL_LIMIT);
    const control = readMember(bytes, signature.compressed.length, CONTROL_LIMIT);
    if (checksumOf(control.compressed) !== expected.checksum)
      throw new Error("it is not the package that the index means");
    const info = parseInfo(fileIn(control.content, ".PKGINFO"));
    const data = readMember(bytes, signature.compressed.length + control.compressed.length, DATA_LIMIT);
    const hash = createHash("sha256").update(data.compressed).digest("hex");
    if (info.get("datahash")?.[0] !== hash) throw new Error("its data does not have the hash that it names");
    return { info, data: data.content };
  } catch (error) {
    throw new UserError(`${origin}: this package cannot be used: ${messageOf(error)}`);
  }
}

/** `Q1` and the SHA-1 in base64. */
export function checksumOf(bytes: Uint8Array): string {
  return `Q1${createHash("sha1").update(bytes).digest("base64")}`;
}

function fileIn(archive: Buffer, path: string): string {
  for (const entry of readTar(archive)) {
    if (entry.path === path) return entry.content.toString("utf8");
  }
  throw new Error(`there is no ${path} in it`);
}

/** Lines of the form `name = value`; `#` begins a comment. */
function parseInfo(text: string): Map<string, string[]> {
  const info = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const { name = "", value = "" } = /^(?<name>\w+) = (?<value>.*)$/.exec(line)?.groups ?? {};
    if (name !== "") info.set(name, [...(info.get(name) ?? []), value]);
  }
  return info;
}
