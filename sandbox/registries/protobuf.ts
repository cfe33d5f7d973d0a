/** One field of a message: text and bytes are written alike, and so is a message inside of a message. */
export type Field = readonly [number: number, value: string | Buffer];

/** Above this, lengths take more than one byte of seven bits each. */
const SEVEN_BITS = 0x80;
/** The wire type of everything that has a length before it. */
const LENGTH_DELIMITED = 2;

/** Writes a message in Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding). */
export function message(fields: readonly Field[]): Buffer {
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
