import { isLoopback } from "../registry/reference.ts";
import { shownUrl } from "../system/http/error.ts";
import { type Environment, proxyOf } from "../system/http/proxy.ts";
import type { Check, Finding } from "./check.ts";

const VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];

/** Which servers are reached by which proxy: a check where the environment names any, otherwise none. */
export function proxyChecks(urls: readonly URL[], env: Environment): Check[] {
  const isSet = VARIABLES.some((name) => (env[name] ?? "") !== "");
  return isSet ? [{ name: "proxy", run: async () => proxyFinding(urls, env) }] : [];
}

/** By what way each of some servers is reached. Pure. @throws UserError where a variable names no proxy */
export function proxyFinding(urls: readonly URL[], env: Environment): Finding {
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
