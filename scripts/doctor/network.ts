import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readIndex } from "../formats/alpine/index.ts";
import { loadKeys } from "../formats/alpine/keys.ts";
import { apkArchitecture, hostPlatform } from "../model/platform.ts";
import { isLoopback } from "../registry/reference.ts";
import { messageOf } from "../system/errors.ts";
import { reasonOf, shownUrl } from "../system/http/error.ts";
import { ask, createTransport } from "../system/http/http.ts";
import { type Environment, proxyOf } from "../system/http/proxy.ts";
import { count } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";
import { authorizationOf, parseHttpAuth } from "../upstream/http-auth.ts";
import { badAnswer } from "../upstream/words.ts";
import { type Check, type CheckResult, findingOf } from "./check.ts";

/** How long a mirror has for one index, of up to 5 MB. */
const WITHIN_MS = 30_000;

/** Where the packages of a world come from. */
export interface MirrorPlace {
  /** URL of the mirror; in the sandbox, the folder that a run serves. */
  readonly packages: string | { readonly folder: string };
  /** Directory of the public keys. */
  readonly keys: string;
  /** A branch that the catalog builds on. */
  readonly branch: string;
  /** What `HTTP_AUTH` of the environment says: see `withHttpAuth`. */
  readonly httpAuth?: string | undefined;
}

/** The mirror, and whether our keys verify what it offers: both by the same index, fetched once. */
export function mirrorChecks(place: MirrorPlace): Check[] {
  const index = fetchIndex(place);
  // Whoever awaits it is told; until then it is nobody's failure.
  index.catch(() => {});
  return [
    { name: "mirror", run: () => checkMirror(index, place) },
    { name: "keys", run: () => checkKeys(index, place) },
  ];
}

/** An index, and in words where it is from. */
async function fetchIndex({ packages, branch, httpAuth }: MirrorPlace) {
  const path = `v${branch}/main/${apkArchitecture(hostPlatform())}/APKINDEX.tar.gz`;
  if (typeof packages !== "string") {
    const from = join(packages.folder, path);
    return { bytes: await readFile(from), from: `the sandbox's own, ${packages.folder}` };
  }
  const url = `${packages}/${path}`;
  const address = new URL(url);
  const get = (headers: Readonly<Record<string, string>>) =>
    ask(address, { headers, signal: AbortSignal.timeout(WITHIN_MS) }).catch((error: unknown) => {
      throw new Error(`${url}: ${reasonOf(error, address.origin)}`, { cause: error });
    });
  const auth = parseHttpAuth(httpAuth);
  const asked = await get({});
  const { status, body } =
    asked.status === 401 && auth ? await get({ authorization: authorizationOf(auth) }) : asked;
  if (status === 401) throw new Error(`${url}: ${badAnswer(status)}`);
  if (status !== 200) throw new Error(`${url}: HTTP ${status}`);
  return { bytes: body, from: `${packages} has v${branch}` };
}

const NOT_MADE: CheckResult = {
  status: "warn",
  found: "the sandbox has not been made yet",
  advice: "the first run makes it",
};

type FetchedIndex = ReturnType<typeof fetchIndex>;

async function checkMirror(index: FetchedIndex, { packages }: MirrorPlace): Promise<CheckResult> {
  try {
    return { status: "ok", found: (await index).from };
  } catch (error) {
    if (typeof packages !== "string") return NOT_MADE;
    const advice = `see \`sources.packages\` of the catalog, or try the sandbox: ${typed("rebuild", [], ["--profile", "sandbox"])}`;
    return { status: "fail", found: messageOf(error), advice };
  }
}

async function checkKeys(
  index: FetchedIndex,
  { packages, keys: directory }: MirrorPlace,
): Promise<CheckResult> {
  const fetched = await index.catch(() => undefined);
  if (!fetched && typeof packages !== "string") return NOT_MADE;
  // A folder without a mirror's key, or with something else in it, is told of whether or not the mirror answers.
  const keys = loadKeys(directory);
  const held = `${count(keys.size, "key")} in ${directory}`;
  if (!fetched) return { status: "warn", found: `${held}; not tried`, advice: "see mirror" };
  try {
    const { made } = readIndex(fetched.bytes, keys, "the index of main");
    const of = made > 0 ? ` of ${new Date(made).toISOString().slice(0, 10)}` : "";
    return { status: "ok", found: `${held}; one of them signed the index${of}` };
  } catch (error) {
    const advice = "put the mirror's public keys there, from /etc/apk/keys of a machine that trusts it";
    return { advice, ...findingOf(error), found: `${held}; ${messageOf(error)}` };
  }
}

const VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];

/** Which servers are reached by which proxy: a check where the environment names any, otherwise none. */
export function proxyChecks(urls: readonly URL[], env: Environment): Check[] {
  const isSet = VARIABLES.some((name) => (env[name] ?? "") !== "");
  return isSet ? [{ name: "proxy", run: async () => proxyFinding(urls, env) }] : [];
}

/** By what way each of some servers is reached. Pure. @throws UserError where a variable names no proxy */
export function proxyFinding(urls: readonly URL[], env: Environment): CheckResult {
  const ways = urls.map((url) => ({ url, proxy: proxyOf(url, env) }));
  const lines = new Set(
    ways.map(({ url, proxy }) =>
      proxy ? `${url.host} by ${shownUrl(proxy.url)} (${proxy.variable})` : `${url.host} directly`,
    ),
  );
  const found = [...lines].join("; ");
  const own = ways.find(({ url, proxy }) => proxy && isLoopback(url));
  if (!own) return { status: "ok", found };
  const advice = `no other machine reaches ${own.url.host}: add ${own.url.hostname} to NO_PROXY`;
  return { status: "warn", found, advice };
}

const MINUTE = 60_000;
/** Tokens of registries are good for minutes: a clock further off takes a fresh one for one that has ended. */
const SMALL = MINUTE;
const LARGE = 10 * MINUTE;

/** How long a server has to tell the time. */
const TIME_WITHIN_MS = 10_000;

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

async function offsetOf(url: URL) {
  const before = Date.now();
  try {
    const request = { method: "HEAD", url, signal: AbortSignal.timeout(TIME_WITHIN_MS) };
    const date = Date.parse((await createTransport()(request)).headers.date ?? "");
    // The header has whole seconds, and was written somewhere between sending and receiving.
    return Number.isNaN(date) ? undefined : { host: url.host, ahead: date + 500 - (before + Date.now()) / 2 };
  } catch {
    return undefined;
  }
}

/**
 * What to say of some servers' clocks. One wrong server is not our mistake: the smallest offset counts. Pure.
 * @param offsets who was asked, and by how many milliseconds their clock is ahead of ours
 */
export function clockFinding(offsets: readonly { host: string; ahead: number }[]): CheckResult {
  const [best] = [...offsets].sort((a, b) => Math.abs(a.ahead) - Math.abs(b.ahead));
  if (!best) return { status: "warn", found: "no server sent the time", advice: "see mirror and registry" };
  const seconds = Math.round(Math.abs(best.ahead) / 1000);
  if (Math.abs(best.ahead) <= SMALL) return { status: "ok", found: `the same as on ${best.host}` };
  return {
    status: Math.abs(best.ahead) > LARGE ? "fail" : "warn",
    found: `${seconds} s ${best.ahead > 0 ? "behind" : "ahead of"} ${best.host}`,
    advice: "set this machine's clock, and keep it: timedatectl set-ntp true",
  };
}
