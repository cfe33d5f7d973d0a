import { describe, expect, it } from "vitest";
import { readTar } from "../../../../scripts/formats/alpine/tar.ts";

/** A header block with one of its fields written over; the checksum is right. */
function header(over: Readonly<Record<number, string | Buffer>> = {}, type = "0"): Buffer {
  const block = Buffer.alloc(512);
  block.write("name", 0);
  block.write("0000644\0", 100);
  block.write("00000000000\0", 124);
  block.write("ustar\x0000", 257);
  block.write("        ", 148);
  block.write(type, 156);
  for (const [offset, value] of Object.entries(over)) Buffer.from(value).copy(block, Number(offset));
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function padded(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 511)]);
}

const octal = (size: number) => `${size.toString(8).padStart(11, "0")}\0`;

/** GNU's form of a number: the first byte, then the others from the lowest. */
function binary(first: number, value: bigint): Buffer {
  const field = Buffer.alloc(12);
  field[0] = first;
  for (let position = 11, rest = BigInt.asUintN(88, value); position > 0; position--, rest >>= 8n) {
    field[position] = Number(rest & 0xffn);
  }
  return field;
}

function pax(records: string): Buffer {
  return Buffer.concat([header({ 124: octal(records.length) }, "x"), padded(records)]);
}

const read = (...blocks: Buffer[]) => [...readTar(Buffer.concat(blocks))];

describe("a number in a tar", () => {
  it.each<[string, string | Buffer, string]>([
    ["is below zero", "-1000\0", "a damaged number"],
    ["is below zero, and ends on a block", "-512\0", "a damaged number"],
    ["is hexadecimal", "0x10\0", "a damaged number"],
    ["has digits that octal has not", "0000000009\0", "a damaged number"],
    ["goes on behind its digits", "0000001x\0", "a damaged number"],
    ["is of letters", "many\0", "a damaged number"],
    ["is below zero in GNU's form", binary(0xff, -1000n), "below zero"],
    ["is the lowest of GNU's form", binary(0xff, -(1n << 87n)), "too large"],
    ["is larger than any file", binary(0x80, 1n << 80n), "too large"],
    ["has a first byte of neither form", binary(0x90, 5n), "a damaged number"],
    ["is larger than the archive", octal(4096), "cut off"],
  ])("that %s is refused as a size", (_, size, why) => {
    expect(() => read(header({ 124: size }), padded("x"))).toThrow(why);
  });

  it.each<[string, number]>([
    ["mode", 100],
    ["uid", 108],
    ["gid", 116],
    ["mtime", 136],
  ])("that is no number is refused as %s", (_, offset) => {
    expect(() => read(header({ [offset]: "-1\0" }))).toThrow("a damaged number");
  });

  it("may have spaces before it, and be in GNU's form", () => {
    expect(read(header({ 124: "      5 \0" }), padded("hello"))[0]?.content.toString()).toBe("hello");
    expect(read(header({ 124: binary(0x80, 5n) }), padded("hello"))[0]?.content.toString()).toBe("hello");
  });

  it("may be below zero as a time: a file can be older than 1970", () => {
    expect(read(header({ 136: binary(0xff, -62135596800n) }))[0]?.mtime).toBe(-62135596800);
  });
});

describe("a PAX header", () => {
  it.each([
    "-5 a=b\n",
    "0 a=b\n",
    "5 a\n",
    "99 a=b\n",
    "7.5 a=b\n",
    "0x7 a=b\n",
    " 7 a=b\n",
    "1e1 a=bcd\n",
    "nothing",
    "1 a=b\n",
  ])("of %j is refused", (records) => {
    expect(() => read(pax(records), header())).toThrow("a damaged PAX header");
  });

  it.each(["-1000", "1e3", "", "0x10", "9999999999999999"])("with the size %j is refused", (size) => {
    const length = `00 size=${size}\n`.length;
    const records = `${String(length).padStart(2, "0")} size=${size}\n`;
    expect(() => read(pax(records), header())).toThrow("a damaged number in a PAX header");
  });

  it("gives the size where the entry's own field cannot", () => {
    const entries = read(pax("10 size=5\n"), header({ 124: octal(0) }), padded("hello"), header());
    expect(entries.map(({ content }) => content.toString())).toEqual(["hello", ""]);
  });
});

it("a path of 100 kB is refused, and shown only in part", () => {
  const name = "x".repeat(100_000);
  const long = Buffer.concat([header({ 124: octal(name.length) }, "L"), padded(name)]);
  expect(() => read(long, header())).toThrow(/^the archive holds a path too long for any disk: "x{60}…"$/);
});

it("twenty thousand PAX headers before one entry take no longer than so many entries", () => {
  const one = (key: number) => pax(`16 k${String(key).padStart(9, "0")}=1\n`);
  const blocks = Array.from({ length: 20_000 }, (_, key) => one(key));
  expect(read(...blocks, header())[0]?.pax.size).toBe(20_000);
});
