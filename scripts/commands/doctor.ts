import { join, resolve } from "node:path";
import type { SessionOptions } from "../app/options.ts";
import { KEYS, PROJECT } from "../app/paths.ts";
import { printResult } from "../app/print-result.ts";
import { resolveProfile, SANDBOX_REGISTRY, sandboxCatalog } from "../app/profile.ts";
import { loadCatalog } from "../catalog/load.ts";
import { type About, about } from "../doctor/about.ts";
import { type Check, type Examined, examine, type Finding, findingOf } from "../doctor/check.ts";
import { clockCheck } from "../doctor/clock.ts";
import { diskCheck } from "../doctor/disk.ts";
import { engineCheck } from "../doctor/engine.ts";
import { gateCheck } from "../doctor/gate.ts";
import { mirrorChecks } from "../doctor/mirror.ts";
import { notifyCheck } from "../doctor/notify.ts";
import { proxyChecks } from "../doctor/proxy.ts";
import { credentialsCheck, registryCheck } from "../doctor/registry.ts";
import { signCheck } from "../doctor/sign.ts";
import type { EngineName } from "../engine/engine.ts";
import type { Catalog } from "../model/target.ts";
import { parseNamespace, registryUrl } from "../registry/reference.ts";
import { count, wrap } from "../system/shown/format.ts";

export interface DoctorOptions extends SessionOptions {
  readonly engine: EngineName | "auto";
  readonly builder?: string;
}

/**
 * Looks at everything that a run needs, and says what to do about what is not as it should be. Opens no session: that
 * would end at the first thing that is wrong.
 */
export async function doctor(options: DoctorOptions): Promise<void> {
  const state = resolve(options.state);
  const [header, { finding, checks }] = await Promise.all([about(PROJECT), readWorld(options, state)]);
  const always = [engineCheck(options.engine, options.builder), diskCheck(state)];
  const catalog: Check = { name: "catalog", run: async () => finding };
  const examined = await examine([catalog, ...always, ...checks]);
  if (examined.some(({ status }) => status === "fail")) process.exitCode = 2;
  printResult(
    options,
    (width) => doctorText(header, examined, width),
    () => ({ about: header, checks: examined }),
  );
}

/** The catalog's own finding, and the checks of the world that it describes; without it there is no such world. */
async function readWorld(
  options: DoctorOptions,
  state: string,
): Promise<{ finding: Finding; checks: readonly Check[] }> {
  try {
    const written = await loadCatalog(options.catalog);
    const profile = await resolveProfile(options.profile, written, options.registry);
    const catalog =
      profile === "sandbox"
        ? await sandboxCatalog(written, options.registry ?? SANDBOX_REGISTRY, options.mirrorPort)
        : { ...written, registry: options.registry ?? written.registry };
    const found = `${options.catalog}: ${count(catalog.targets.length, "target")}, profile ${profile}`;
    return { finding: { status: "ok", found }, checks: checksOf(catalog, profile === "sandbox", state) };
  } catch (error) {
    const finding = { advice: "mend it: make check finds every mistake", ...findingOf(error) };
    const unseen: Finding = { status: "warn", found: "not looked at", advice: "see catalog" };
    const names = ["registry", "credentials", "mirror", "keys", "clock"];
    return { finding, checks: names.map((name) => ({ name, run: async () => unseen })) };
  }
}

function checksOf(catalog: Catalog, isSandbox: boolean, state: string): Check[] {
  const { registry, sources, targets, ecr } = catalog;
  const namespace = parseNamespace(registry);
  const [first] = targets;
  const packages = isSandbox ? { folder: join(state, "sandbox/mirror") } : sources.packages;
  const keys = isSandbox ? join(state, "sandbox/keys") : (sources.keys ?? KEYS);
  const servers = [new URL("/v2/", registryUrl(namespace.registry)), new URL(`${sources.packages}/`)];
  return [
    ...proxyChecks(servers, process.env),
    registryCheck(namespace),
    credentialsCheck(namespace, first?.image ?? "base", ecr),
    ...mirrorChecks({ packages, keys, branch: first?.branch ?? "3.22", httpAuth: process.env.HTTP_AUTH }),
    clockCheck(servers),
    ...wantedChecks(catalog, isSandbox),
  ];
}

/** What only a catalog needs that asks for it. */
function wantedChecks({ sign, gate, notify = [] }: Catalog, isSandbox: boolean): Check[] {
  return [
    ...(sign ? [signCheck(sign, isSandbox)] : []),
    ...(gate ? [gateCheck(gate, isSandbox)] : []),
    ...(notify.length > 0 ? [notifyCheck(notify)] : []),
  ];
}

const SIGNS = { ok: "✔", warn: "!", fail: "✘" } as const;

/** What was found, and what to do about it. @param width of a line, in characters */
export function doctorText(header: About, examined: readonly Examined[], width?: number): string {
  const column = Math.max(...examined.map(({ name }) => name.length)) + 4;
  const indent = " ".repeat(column);
  const wrapped = (text: string, hang = 0) =>
    wrap(text, width === undefined ? undefined : width - column, hang);
  const lines = examined.flatMap(({ name, status, found, advice }) => {
    const [first = "", ...rest] = wrapped(found.trim());
    return [
      `${SIGNS[status]} ${name}`.padEnd(column) + first,
      ...rest.map((line) => `${indent}${line}`),
      ...(advice === undefined || status === "ok" ? [] : wrapped(`→ ${advice}`, 2)).map(
        (line) => `${indent}${line}`,
      ),
    ];
  });
  const number = (status: Finding["status"]) => examined.filter((one) => one.status === status).length;
  return [
    ...Object.entries(header).map(([name, value]) => `${name.padEnd(column)}${value}`),
    "",
    ...lines,
    "",
    `${number("ok")} fine, ${number("warn")} to look at, ${number("fail")} to mend.`,
  ].join("\n");
}
