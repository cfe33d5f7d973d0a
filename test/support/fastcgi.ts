import { once } from "node:events";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";

/** The types of records (FastCGI 1.0, section 8). */
const BEGIN = 1;
const PARAMETERS = 4;
const INPUT = 5;
const OUTPUT = 6;

/**
 * Asks a FastCGI server for a page, as a web server does.
 * @param parameters what the server is told: names and values, each shorter than 128 bytes
 * @returns the page, without what stands before it
 */
export async function askFastCgi(
  port: number,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [
    Buffer.from([Buffer.byteLength(name), Buffer.byteLength(value)]),
    Buffer.from(name + value),
  ]);
  const none = Buffer.alloc(0);
  // As a responder; nothing is kept open behind the answer.
  const begin = record(BEGIN, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]));
  const said = record(PARAMETERS, Buffer.concat(pairs));
  socket.write(Buffer.concat([begin, said, record(PARAMETERS, none), record(INPUT, none)]));
  const output = outputOf(await buffer(socket));
  return output.slice(output.indexOf("\r\n\r\n") + 4);
}

function record(type: number, content: Buffer): Buffer {
  const head = Buffer.from([1, type, 0, 1, 0, 0, 0, 0]);
  head.writeUInt16BE(content.length, 4);
  return Buffer.concat([head, content]);
}

function outputOf(answer: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= answer.length; ) {
    const [type, length, padding] = [
      answer.readUInt8(at + 1),
      answer.readUInt16BE(at + 4),
      answer.readUInt8(at + 6),
    ];
    if (type === OUTPUT) parts.push(answer.subarray(at + 8, at + 8 + length));
    at += 8 + length + padding;
  }
  return Buffer.concat(parts).toString();
}
