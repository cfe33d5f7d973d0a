import { BlockList, isIP } from "node:net";
import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";
import { UserError } from "../errors.ts";
import { once } from "../once.ts";
import { createConnector } from "./connect.ts";
import { LIMITS } from "./limits.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that an address is reached by; undefined where it is reached directly. As curl and undici have it, the
 * spelling in small letters comes first; as undici has it, HTTP_PROXY serves for https where HTTPS_PROXY is not set.
 * @returns also the variable that names it
 * @throws UserError where the variable names no proxy
 */
export function proxyOf(url: URL, env: Environment): { url: URL; variable: string } | undefined {
  if (goesDirect(url, env.no_proxy ?? env.NO_PROXY ?? "")) return undefined;
  const variables = url.protocol === "https:" ? [...HTTPS, ...HTTP] : HTTP;
  const variable = variables.find((name) => (env[name] ?? "").trim() !== "");
  return variable === undefined ? undefined : { url: parseProxy(variable, env[variable] ?? ""), variable };
}

const HTTP = ["http_proxy", "HTTP_PROXY"];
const HTTPS = ["https_proxy", "HTTPS_PROXY"];

/** `HOST:PORT` is one too, as curl has it. */
function parseProxy(variable: string, value: string): URL {
  const text = value.trim();
  const address = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  // What it holds is not told: there may be a password in it.
  throw new UserError(
    `${variable} is not the address of a proxy`,
    "expected the address of an HTTP proxy, such as http://proxy.example:3128",
  );
}

/**
 * Whether NO_PROXY names an address. There is no standard; this takes what curl, Go and undici take: `*`; names, with
 * all names below them, with or without `.` or `*.` before; addresses; networks such as 10.0.0.0/8; each of them with
 * a port or without; commas or white space between. Pure.
 */
export function goesDirect(url: URL, noProxy: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return noProxy
    .split(/[,\s]+/)
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || isNamed(entry.toLowerCase(), host, port));
}

function isNamed(entry: string, host: string, port: string): boolean {
  const [, bracketed, plain = entry, only] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const name = (bracketed ?? plain).replace(/^\*?\./, "");
  if (name.includes("/")) return isIn(host, name);
  // One address is written in several ways.
  if (isIP(name)) return isIn(host, `${name}/${isIP(name) === 6 ? 128 : 32}`);
  return host === name || (!isIP(host) && host.endsWith(`.${name}`));
}

/** @param network such as `10.0.0.0/8` */
function isIn(host: string, network: string): boolean {
  const [address = "", prefix = ""] = network.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const bits = Number(prefix);
  if (!isIP(address) || !isIP(host) || !/^\d+$/.test(prefix) || bits > (family === "ipv6" ? 128 : 32)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}

/** Gives what sends a request to an address: directly, or by way of a proxy. */
type Route = (url: URL) => Dispatcher;

const routes = new WeakMap<Environment, Route>();

/** The way to the network that an environment names. One for each, so that all share its connections. */
export function routeFor(env: Environment): Route {
  const route = routes.get(env) ?? createRoute(env);
  routes.set(env, route);
  return route;
}

function createRoute(env: Environment): Route {
  const { connections, idle } = LIMITS;
  const options = { connections, connect: createConnector(), headersTimeout: idle, bodyTimeout: idle };
  const direct = new Agent(options);
  const proxied = once((address) => proxyAgent(address, options));
  return (url) => {
    const proxy = proxyOf(url, env);
    return proxy ? proxied(proxy.url.href) : direct;
  };
}

/** Which requests it is for was decided before: undici's own reading of NO_PROXY knows no networks and no IPv6. */
function proxyAgent(proxy: string, options: Pool.Options): Dispatcher {
  const { origin } = new URL(proxy);
  const toProxy = (to: string | URL) => new Pool(to, options);
  return new ProxyAgent({
    uri: proxy,
    // Many proxies make tunnels for https only.
    proxyTunnel: false,
    connections: LIMITS.connections,
    clientFactory: toProxy,
    factory: (to, own: object) =>
      new URL(to).origin === origin ? toProxy(to) : new Pool(to, { ...options, ...own }),
  });
}
