import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { run, tryRun } from "../../scripts/system/process/process.ts";

/**
 * A machine, as far as the network tells: it has a loopback of its own, and one cable to this one. What it starts is still
 * this machine's. It is gone when the last process in it is, so that nothing is left where a test was killed.
 */
export interface Machine {
  /** Where this machine reaches it. */
  readonly address: string;
  /** The words that run a command on it. */
  at(argv: readonly string[]): string[];
  /** Bytes that went over its cable, headers included: to it, and back. */
  moved(): Promise<{ readonly there: number; readonly back: number }>;
  /** Has its cable carry no more than so much. @param kilobits a second, each way */
  slow(kilobits: number): Promise<void>;
  /** Pulls its cable out: nothing that is sent to it is ever answered. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

const HAND_ON = fileURLToPath(new URL("hand-on.mjs", import.meta.url));

/** @returns a few words on why there are none here; undefined where a machine can be made */
export async function noMachines(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "networks of their own take root";
  const { exitCode } = await tryRun(["unshare", "--net", "ip", "link", "set", "lo", "up"]);
  return exitCode === 0 ? undefined : "networks of their own take iproute2, and a kernel that makes them";
}

/**
 * @param key a port that is this machine's: the cable and its two addresses are named after it
 * @param ports of this machine's loopback, which are on the other's too: the sandbox's mirror, and its registry
 */
export async function openMachine(key: number, ports: readonly number[]): Promise<Machine> {
  const cable = `birdhouse${key}`;
  const [here, there] = [addressOf(key, 0), addressOf(key, 1)];
  // It keeps the network: the first thing that it does there is to wait for what is written to it.
  const keeper = start(["unshare", "--net", "sh", "-c", "echo ready; read line"]);
  const helpers: ChildProcess[] = [keeper];
  const close = async () => {
    for (const helper of helpers) await end(helper);
  };
  try {
    await ready(keeper);
    const at = (argv: readonly string[]) => ["nsenter", `--net=/proc/${keeper.pid}/ns/net`, ...argv];
    const pid = String(keeper.pid);
    await run(["ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", pid]);
    await run(["ip", "addr", "add", `${here}/31`, "dev", cable]);
    await run(["ip", "link", "set", cable, "up"]);
    await run(at(["ip", "link", "set", "lo", "up"]));
    await run(at(["ip", "addr", "add", `${there}/31`, "dev", "eth0"]));
    await run(at(["ip", "link", "set", "eth0", "up"]));
    const numbers = ports.map(String);
    for (const words of [
      [process.execPath, HAND_ON, here, "127.0.0.1", ...numbers],
      at([process.execPath, HAND_ON, "127.0.0.1", here, ...numbers]),
    ]) {
      const helper = start(words);
      helpers.push(helper);
      await ready(helper);
    }
    const count = async (which: string) =>
      Number(await readFile(`/sys/class/net/${cable}/statistics/${which}_bytes`, "utf8"));
    return {
      address: there,
      at,
      moved: async () => ({ there: await count("tx"), back: await count("rx") }),
      slow: async (kilobits) => {
        const shape = ["root", "tbf", "rate", `${kilobits}kbit`, "burst", "64kb", "latency", "500ms"];
        await run(["tc", "qdisc", "replace", "dev", cable, ...shape]);
        await run(at(["tc", "qdisc", "replace", "dev", "eth0", ...shape]));
      },
      cut: async () => void (await run(["ip", "link", "set", cable, "down"])),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The two ends of a cable, of the addresses that are kept for measuring networks: 198.18.0.0/15 has room for two of each
 * port. Sources: RFC 2544, appendix C.2.2; RFC 3021 for networks of two addresses.
 */
function addressOf(key: number, end: 0 | 1): string {
  const number = key * 2 + end;
  return ["198", 18 + (number >> 16), (number >> 8) & 255, number & 255].join(".");
}

function start([command = "", ...words]: readonly string[]): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", command, ...words], {
    stdio: ["pipe", "pipe", "inherit"],
  });
}

async function ready(helper: ChildProcess): Promise<void> {
  const ended = once(helper, "exit").then(([code]) => {
    throw new Error(`a machine of the tests did not start: exit code ${code}`);
  });
  const lines = (async () => {
    for await (const chunk of helper.stdout ?? []) if (String(chunk).includes("ready")) return;
  })();
  await Promise.race([lines, ended]);
}

async function end(helper: ChildProcess): Promise<void> {
  if (helper.exitCode !== null || helper.signalCode !== null) return;
  const ended = once(helper, "exit");
  helper.kill("SIGKILL");
  await ended;
}
