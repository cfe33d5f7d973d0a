import type { LookupAddress } from "node:dns";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type ConnectOptions, openSocket, sharedLookup } from "../../../../scripts/system/http/connect.ts";
import { explainFailure } from "../../../../scripts/system/http/error.ts";

const V4: LookupAddress = { address: "127.0.0.1", family: 4 };
const V6: LookupAddress = { address: "2001:db8::1", family: 6 };
/** Milliseconds until an attempt comes to its end. */
const SLOW = 1000;

describe("a name with several addresses", () => {
  let port: number;
  let tried: string[];

  beforeEach(async () => {
    const server = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => void server.close());
    port = (server.address() as AddressInfo).port;
    tried = [];
  });

  /** A network whose IPv4 takes a second, and whose IPv6 is dead: silent, or refused at once. */
  const network = (addresses: readonly LookupAddress[], dead: "silent" | "refused"): ConnectOptions => ({
    lookup: async () => addresses,
    open: ({ address, family }) => {
      tried.push(address);
      if (family === 4) {
        const socket = new Socket();
        setTimeout(() => socket.connect(port, address), SLOW);
        return socket;
      }
      const socket = new Socket();
      const refused = Object.assign(new Error(`connect ENETUNREACH ${address}`), { code: "ENETUNREACH" });
      if (dead === "refused") setImmediate(() => socket.destroy(refused));
      return socket;
    },
  });

  it.each([
    ["IPv4 first", [V4, V6], "silent"],
    ["IPv6 first", [V6, V4], "silent"],
    ["IPv4 first", [V4, V6], "refused"],
    ["IPv6 first", [V6, V4], "refused"],
  ] as const)(
    "connects by the one that is slow where the other is dead: %s, %s",
    async (_, addresses, dead) => {
      const socket = await openSocket("slow.example", port, network(addresses, dead));
      onTestFinished(() => void socket.destroy());
      expect(socket.remoteAddress).toBe("127.0.0.1");
      expect(tried).toEqual(addresses.map(({ address }) => address));
    },
  );

  it("connects by another where several are dead, one family and the other in turn", async () => {
    const dead = ["192.0.2.1", "192.0.2.2"].map((address) => ({ address, family: 4 }));
    const open = ({ address }: LookupAddress) => {
      tried.push(address);
      return address === "127.0.0.1" ? connect(port, address) : new Socket();
    };
    const lookup = async () => [...dead, V6, V4];
    const socket = await openSocket("slow.example", port, { lookup, open, stagger: 10 });
    onTestFinished(() => void socket.destroy());
    expect(tried).toEqual(["192.0.2.1", V6.address, "192.0.2.2", "127.0.0.1"]);
  });

  it("that are all dead says what became of each of them", async () => {
    const open = ({ address }: LookupAddress) => {
      const socket = new Socket();
      const code = address === "127.0.0.1" ? "ECONNREFUSED" : "ENETUNREACH";
      setImmediate(() => socket.destroy(Object.assign(new Error(`connect ${code} ${address}`), { code })));
      return socket;
    };
    const error = await openSocket("dead.example", port, { lookup: async () => [V6, V4], open }).catch(
      (thrown: unknown) => thrown,
    );
    expect(explainFailure(error)).toEqual({
      reason: "connect ENETUNREACH 2001:db8::1; connect ECONNREFUSED 127.0.0.1",
      code: "ENETUNREACH",
    });
  });

  it("is given up after a while, and nothing is left behind", async () => {
    const sockets: Socket[] = [];
    const open = () => {
      sockets.push(new Socket());
      return sockets.at(-1) as Socket;
    };
    const late = openSocket("silent.example", port, {
      ...{ lookup: async () => [V6, V4], open, timeout: 60, stagger: 10 },
    });
    const error = await late.catch((thrown: unknown) => thrown);
    expect(explainFailure(error)).toEqual({
      reason: `no connection to silent.example:${port} within 0.06 s`,
      code: "ETIMEDOUT",
    });
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});

it("says of Node's own error for several addresses what its parts say", () => {
  const parts = ["connect ECONNREFUSED ::1:5000", "connect ECONNREFUSED 127.0.0.1:5000"].map((text) =>
    Object.assign(new Error(text), { code: "ECONNREFUSED" }),
  );
  expect(explainFailure(new AggregateError(parts))).toEqual({
    reason: "connect ECONNREFUSED ::1:5000; connect ECONNREFUSED 127.0.0.1:5000",
    code: "ECONNREFUSED",
  });
});

describe("names that are looked up", () => {
  /** Answers when it is told to, and counts. */
  const resolver = (outcome: readonly LookupAddress[] | string) => {
    const asked: string[] = [];
    const lookup = async (name: string) => {
      asked.push(name);
      if (typeof outcome !== "string") return outcome;
      throw Object.assign(new Error(`getaddrinfo ${outcome} ${name}`), { code: outcome });
    };
    return { asked, lookup };
  };

  it("are asked for once by all who ask meanwhile, and anew by those who come later", async () => {
    const { asked, lookup } = resolver([V4]);
    const shared = sharedLookup(lookup);
    const all = await Promise.all(["a", "a", "b"].map((name) => shared(name)));
    expect(all).toEqual([[V4], [V4], [V4]]);
    expect(asked).toEqual(["a", "b"]);
    await shared("a");
    expect(asked).toEqual(["a", "b", "a"]);
  });

  it("are not asked for again for ten seconds where there is no such name", async () => {
    let now = 0;
    const { asked, lookup } = resolver("ENOTFOUND");
    const shared = sharedLookup(lookup, { now: () => now });
    await expect(shared("a")).rejects.toThrow("ENOTFOUND");
    now = 9_999;
    await expect(shared("a")).rejects.toThrow("ENOTFOUND");
    expect(asked).toHaveLength(1);
    now = 10_000;
    await expect(shared("a")).rejects.toThrow("ENOTFOUND");
    expect(asked).toHaveLength(2);
  });

  it("are asked for again at once where nobody could tell", async () => {
    const { asked, lookup } = resolver("EAI_AGAIN");
    const shared = sharedLookup(lookup);
    await expect(shared("a")).rejects.toThrow("EAI_AGAIN");
    await expect(shared("a")).rejects.toThrow("EAI_AGAIN");
    expect(asked).toHaveLength(2);
  });
});
