import { createTransport } from "../system/http/http.ts";
import type { Check, Finding } from "./check.ts";

/** Who was asked, and by how many milliseconds their clock is ahead of ours. */
export interface Offset {
  readonly host: string;
  readonly ahead: number;
}

const MINUTE = 60_000;
/** Tokens of registries are good for minutes: a clock further off takes a fresh one for one that has ended. */
const SMALL = MINUTE;
const LARGE = 10 * MINUTE;

/** How long a server has to tell the time. */
const WITHIN_MS = 10_000;

/**
 * Compares our clock with those of the servers that are asked anyway. Source of the header: RFC 9110, section
 * 6.6.1, "Date".
 */
export function clockCheck(urls: readonly URL[]): Check {
  return {
    name: "clock",
    async run() {
      const asked = await Promise.all(urls.map((one) => offsetOf(one)));
      return clockFinding(asked.filter((offset) => offset !== undefined));
    },
  };
}

async function offsetOf(url: URL): Promise<Offset | undefined> {
  const before = Date.now();
  try {
    const request = { method: "HEAD", url, signal: AbortSignal.timeout(WITHIN_MS) };
    const date = Date.parse((await createTransport()(request)).headers.date ?? "");
    // The header has whole seconds, and was written somewhere between sending and receiving.
    return Number.isNaN(date) ? undefined : { host: url.host, ahead: date + 500 - (before + Date.now()) / 2 };
  } catch {
    return undefined;
  }
}

/** What to say of some offsets. One wrong server is not our mistake: the smallest offset counts. Pure. */
export function clockFinding(offsets: readonly Offset[]): Finding {
  const [best] = [...offsets].sort((a, b) => Math.abs(a.ahead) - Math.abs(b.ahead));
  if (!best) return { status: "warn", found: "no server told the time", advice: "see mirror and registry" };
  const seconds = Math.round(Math.abs(best.ahead) / 1000);
  if (Math.abs(best.ahead) <= SMALL) return { status: "ok", found: `as that of ${best.host}` };
  return {
    status: Math.abs(best.ahead) > LARGE ? "fail" : "warn",
    found: `${seconds} s ${best.ahead > 0 ? "behind" : "ahead of"} that of ${best.host}`,
    advice: "set this machine's clock, and keep it: timedatectl set-ntp true",
  };
}
