import { crc32, inflateRawSync } from "node:zlib";

/** One member of a gzip file. Alpine's files are several, one after the other, and each means something. */
export interface GzipMember {
  /** The bytes as they stand in the file: a view, not a copy. Signatures and checksums are over these. */
  readonly compressed: Buffer;
  readonly content: Buffer;
}

/** Flags of the header that tell of optional fields. Source: RFC 1952, section 2.3.1. */
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16 } as const;
const HEADER_LENGTH = 10;
/** CRC-32 of the content, and its length, which adds nothing to that. */
const TRAILER_LENGTH = 8;
/** How much is inflated at a time. Larger than Node's 16 KiB, since these files are. */
const CHUNK = 256 * 1024;

/**
 * The member that begins at `offset`.
 *
 * @param limit how many bytes its content may have
 * @throws Error when it is no gzip, is cut off or damaged, or has more content than the limit
 */
export function readMember(file: Buffer, offset: number, limit: number): GzipMember {
  const start = offset + headerLength(file.subarray(offset));
  const { content, consumed } = inflate(file.subarray(start), limit);
  const end = start + consumed + TRAILER_LENGTH;
  if (end > file.length) throw new Error("the file is cut off");
  if (file.readUInt32LE(end - TRAILER_LENGTH) !== crc32(content))
    throw new Error("the compressed data is damaged");
  return { compressed: file.subarray(offset, end), content };
}

function inflate(bytes: Buffer, limit: number): { content: Buffer; consumed: number } {
  const options = { info: true, maxOutputLength: limit, chunkSize: CHUNK };
  try {
    // With `info`, which the types of Node do not know, the decompressor comes too: it knows how much it has read.
    const found: unknown = inflateRawSync(bytes, options);
    const { buffer, engine } = found as { buffer: Buffer; engine: { bytesWritten: number } };
    return { content: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    throw new Error(inflateProblem(error, limit), { cause: error });
  }
}

function inflateProblem(error: unknown, limit: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_BUFFER_TOO_LARGE") return `it unpacks to more than the ${limit} bytes that are allowed`;
  if (code === "Z_BUF_ERROR") return "the file is cut off";
  return "the compressed data is damaged";
}

function headerLength(bytes: Buffer): number {
  if (bytes.length < HEADER_LENGTH) throw new Error("the file is cut off");
  if (bytes.readUInt16BE(0) !== 0x1f8b || bytes[2] !== 8) throw new Error("this is not gzip data");
  const flags = bytes[3] ?? 0;
  let length = HEADER_LENGTH;
  if (flags & FLAG.extra) length += 2 + (bytes.length >= length + 2 ? bytes.readUInt16LE(length) : 0);
  if (flags & FLAG.name) length = afterZero(bytes, length);
  if (flags & FLAG.comment) length = afterZero(bytes, length);
  if (flags & FLAG.headerCrc) length += 2;
  return length;
}

function afterZero(bytes: Buffer, offset: number): number {
  const zero = bytes.indexOf(0, offset);
  if (zero < 0) throw new Error("the file is cut off");
  return zero + 1;
}
