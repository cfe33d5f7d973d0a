import type { LookupAddress } from "node:dns";
import dns from "node:dns/promises";
import { connect as connectSocket, isIP, type Socket } from "node:net";
import { buildConnector } from "undici";
import { type Clock, systemClock } from "../environment.ts";
import { LIMITS } from "./limits.ts";

/** All addresses of a name, the preferred ones first. */
type Lookup = (name: string) => Promise<readonly LookupAddress[]>;

/** What connecting needs of the world. */
export interface ConnectOptions {
  readonly lookup?: Lookup;
  /** Begins to connect. */
  readonly open?: (address: LookupAddress, port: number) => Socket;
  /** Milliseconds until there is a connection. */
  readonly timeout?: number;
  /** Milliseconds that an address has before the next one is tried as well. */
  readonly stagger?: number;
}

/** Source: RFC 8305, section 8, "Connection Attempt Delay". */
const STAGGER = 250;

/**
 * Connects for undici. Node's own way with several addresses gives each of them a quarter of a second, and then drops
 * it for the next: a slow one that works loses against a dead one. Here an attempt that is slow goes on while others
 * begin, and the first to succeed is taken (RFC 8305, "Happy Eyeballs").
 */
export function createConnector(): buildConnector.connector {
  const secure = buildConnector({ timeout: LIMITS.connect });
  return (wanted, callback) => {
    const isSecure = wanted.protocol === "https:";
    const port = Number(wanted.port || (isSecure ? 443 : 80));
    openSocket(wanted.hostname, port).then(
      (socket) => {
        if (isSecure) secure({ ...wanted, httpSocket: socket }, callback);
        else callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

/**
 * Looks a name up once for all who ask meanwhile: Node has four threads for that, and a machine without a network may wait
 * seconds for each answer. That there is no such name is remembered for a while.
 */
export function sharedLookup(lookup: Lookup, clock: Pick<Clock, "now"> = systemClock): Lookup {
  const asked = new Map<string, { readonly answer: ReturnType<Lookup>; until: number }>();
  return (name) => {
    const known = asked.get(name);
    if (known && clock.now() < known.until) return known.answer;
    const own = { answer: lookup(name), until: Number.POSITIVE_INFINITY };
    asked.set(name, own);
    const keep = (error?: unknown) => {
      own.until = isUnknownName(error) ? clock.now() + UNKNOWN_FOR : 0;
    };
    own.answer.then(() => keep(), keep);
    return own.answer;
  };
}

/** Milliseconds. */
const UNKNOWN_FOR = 10_000;

function isUnknownName(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTFOUND";
}

/** For all of this process. */
const lookUp = sharedLookup((name) => dns.lookup(name, { all: true }));

/** Connects to one of the addresses of a name. @throws Error with the reasons of all of them, in one line */
export async function openSocket(host: string, port: number, options: ConnectOptions = {}): Promise<Socket> {
  const { lookup = lookUp, open = openOne, timeout = LIMITS.connect, stagger = STAGGER } = options;
  const addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : alternating(await lookup(host));
  return new Promise((resolve, reject) => {
    const failures: Error[] = [];
    const attempts = new Set<Socket>();
    let begun = 0;
    let next: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(next);
      clearTimeout(limit);
      for (const socket of attempts) socket.destroy();
    };
    const limit = setTimeout(() => {
      end();
      reject(timedOut(host, port, timeout, failures));
    }, timeout);
    const begin = () => {
      clearTimeout(next);
      const address = addresses[begun++];
      if (!address) return;
      const socket = open(address, port);
      attempts.add(socket);
      socket.once("connect", () => {
        attempts.delete(socket);
        socket.removeAllListeners("error");
        end();
        resolve(socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE));
      });
      socket.on("error", (error) => {
        if (!attempts.delete(socket)) return;
        failures.push(error);
        if (begun < addresses.length) begin();
        else if (attempts.size === 0) {
          end();
          reject(oneOf(failures));
        }
      });
      if (begun < addresses.length) next = setTimeout(begin, stagger);
    };
    begin();
  });
}

/** Milliseconds of silence before the system asks whether the other end is still there. */
const KEEP_ALIVE = 60_000;

function openOne({ address, family }: LookupAddress, port: number): Socket {
  // As much at once as reading from a disk takes.
  const options = { host: address, port, family, highWaterMark: 64 * 1024 };
  return connectSocket(options);
}

/** One of each family in turn, so that a family that is dead costs but one attempt. */
function alternating(addresses: readonly LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family);
  return addresses.flatMap((_, at) => [first[at], others[at]]).filter((one) => one !== undefined);
}

/** One failure as it is, several as one that has the words of all. */
function oneOf(failures: readonly Error[]): Error {
  const [first, ...others] = failures;
  return first && others.length === 0 ? first : new AggregateError(failures);
}

function timedOut(host: string, port: number, timeout: number, failures: readonly Error[]): Error {
  const late = Object.assign(new Error(`no connection to ${host}:${port} within ${timeout / 1000} s`), {
    code: "ETIMEDOUT",
  });
  return oneOf([late, ...failures]);
}
