import { join } from "node:path";
import type { EngineName } from "../engine/engine.ts";
import type { Catalog } from "../model/target.ts";
import { parseNamespace, registryUrl } from "../registry/reference.ts";
import type { Check, CheckResult } from "./check.ts";
import { diskCheck, engineCheck, podsCheck } from "./machine.ts";
import { clockCheck, mirrorChecks, proxyChecks } from "./network.ts";
import { credentialsCheck, registryCheck } from "./registry.ts";
import { gateCheck, notifyCheck, signCheck } from "./trust.ts";

/** What the checks look at. */
export interface CheckRequest {
  readonly engine: EngineName | "auto";
  readonly builder: string | undefined;
  /** The namespace in which smoke tests are to run, where they do not on this machine. */
  readonly smokePods?: string | undefined;
  /** Birdhouse's state directory, and that of Alpine's keys. */
  readonly state: string;
  readonly keys: string;
  readonly env: NodeJS.ProcessEnv;
  /** What reading the catalog came to. */
  readonly reading: CheckResult;
  /** Undefined where it cannot be read: then nobody knows which servers a run needs. */
  readonly catalog: Catalog | undefined;
  readonly isSandbox: boolean;
}

/** All that is looked at, in the order in which it is shown. */
export function checksOf(request: CheckRequest): Check[] {
  const { engine, builder, smokePods, state, reading, catalog } = request;
  return [
    { name: "catalog", run: async () => reading },
    engineCheck(engine, builder),
    ...(smokePods === undefined ? [] : [podsCheck(smokePods)]),
    diskCheck(state),
    ...(catalog ? catalogChecks(catalog, request) : UNSEEN),
  ];
}

function catalogChecks(catalog: Catalog, { state, keys, env, isSandbox }: CheckRequest): Check[] {
  const { registry, sources, targets, ecr, sign, gate, notify = [] } = catalog;
  const namespace = parseNamespace(registry);
  const [first] = targets;
  const servers = [new URL("/v2/", registryUrl(namespace.registry)), new URL(`${sources.packages}/`)];
  const mirror = {
    packages: isSandbox ? { folder: join(state, "sandbox/mirror") } : sources.packages,
    keys: isSandbox ? join(state, "sandbox/keys") : (sources.keys ?? keys),
    branch: first?.branch ?? "3.22",
    httpAuth: env.HTTP_AUTH,
  };
  return [
    ...proxyChecks(servers, env),
    registryCheck(namespace),
    credentialsCheck(namespace, first?.image ?? "base", ecr),
    ...mirrorChecks(mirror),
    clockCheck(servers),
    // The rest is needed only by a catalog that asks for it.
    ...(sign ? [signCheck(sign, isSandbox)] : []),
    ...(gate ? [gateCheck(gate, isSandbox)] : []),
    ...(notify.length > 0 ? [notifyCheck(notify)] : []),
  ];
}

const UNSEEN = ["registry", "credentials", "mirror", "keys", "clock"].map(
  (name): Check => ({
    name,
    run: async () => ({ status: "warn", found: "not looked at", advice: "see catalog" }),
  }),
);
