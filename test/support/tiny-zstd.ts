/** How many bytes a block of zstd holds at most (RFC 8878, 3.1.1.2.4). */
const LARGEST_BLOCK = 128 * 1024;

/** A frame of zstd whose blocks are as they were: nobody needs a compressor to make one. For tests. */
export function zstdFrame(content: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(0xfd2fb528, 0);
  // One segment, and its size in four bytes.
  head[4] = 0b1010_0000;
  head.writeUInt32LE(content.length, 5);
  const count = Math.max(1, Math.ceil(content.length / LARGEST_BLOCK));
  const blocks = Array.from({ length: count }, (_, index) => {
    const block = content.subarray(index * LARGEST_BLOCK, (index + 1) * LARGEST_BLOCK);
    const header = Buffer.alloc(3);
    header.writeUIntLE(block.length * 8 + (index === count - 1 ? 1 : 0), 0, 3);
    return Buffer.concat([header, block]);
  });
  return Buffer.concat([head, ...blocks]);
}
