import { existsSync } from "node:fs";
import { run, tryRun } from "../../scripts/system/process/process.ts";

/** The client's side of its two cables, the proxy's, and where the world is. */
export const PROXY_ADDRESS = "10.203.1.2";
export const WORLD_ADDRESS = "10.203.2.1";

/**
 * Three networks of their own: a client, a proxy, and the world. The client reaches the proxy by one cable; whatever
 * else it sends goes over another one, where it is counted and nobody answers. Needs root and iproute2.
 */
export class Networks {
  readonly #names: Readonly<Record<Place, string>>;

  private constructor(names: Readonly<Record<Place, string>>) {
    this.#names = names;
  }

  /** @returns undefined where this machine cannot have any */
  static async open(): Promise<Networks | undefined> {
    const name = (place: Place) => `birdhouse-${process.pid}-${place}`;
    const names = { client: name("client"), proxy: name("proxy"), world: name("world") };
    const networks = new Networks(names);
    try {
      await removeLeft();
      for (const place of PLACES) await networks.#make(place);
      await networks.#cable("proxied", "client", "10.203.1.1", "proxy", PROXY_ADDRESS);
      await networks.#cable("world", "proxy", "10.203.2.2", "world", WORLD_ADDRESS);
      await networks.#cable("stray", "client", "10.203.9.1", "proxy", "10.203.9.2");
      await run(["ip", "-n", names.client, "route", "add", "default", "via", "10.203.9.2"]);
      return networks;
    } catch {
      await networks.close();
      return undefined;
    }
  }

  /** The words of a command that runs in one of them. */
  at(place: Place, argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.#names[place], ...argv];
  }

  /** How many packets the client sent otherwise than to the proxy. */
  async strays(): Promise<number> {
    const counter = "/sys/class/net/stray/statistics/tx_packets";
    return Number((await run(this.at("client", ["cat", counter]))).stdout);
  }

  async close(): Promise<void> {
    for (const place of PLACES) await tryRun(["ip", "netns", "delete", this.#names[place]]);
  }

  async #make(place: Place): Promise<void> {
    const name = this.#names[place];
    await run(["ip", "netns", "add", name]);
    // A network that is alive with IPv6 sends packets of its own.
    for (const which of ["all", "default"]) {
      await run(this.at(place, ["sysctl", "-qw", `net.ipv6.conf.${which}.disable_ipv6=1`]));
    }
    await run(["ip", "-n", name, "link", "set", "lo", "up"]);
  }

  async #cable(name: string, one: Place, address: string, other: Place, otherAddress: string): Promise<void> {
    const [from, to] = [this.#names[one], this.#names[other]];
    await run(["ip", "link", "add", name, "netns", from, "type", "veth", "peer", "name", name, "netns", to]);
    for (const [at, own] of [
      [from, address],
      [to, otherAddress],
    ] as const) {
      await run(["ip", "-n", at, "addr", "add", `${own}/24`, "dev", name]);
      await run(["ip", "-n", at, "link", "set", name, "up"]);
    }
  }
}

/** Removes those of tests that were killed. */
async function removeLeft(): Promise<void> {
  const { stdout } = await run(["ip", "netns", "list"]);
  for (const [name, pid] of stdout.matchAll(/^birdhouse-(\d+)-\w+/gm)) {
    if (!existsSync(`/proc/${pid}`)) await tryRun(["ip", "netns", "delete", name]);
  }
}

const PLACES = ["client", "proxy", "world"] as const;
type Place = (typeof PLACES)[number];
