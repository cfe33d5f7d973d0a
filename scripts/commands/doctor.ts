import { resolve } from "node:path";
import { resolveProfile, withProfile } from "../app/open-catalog.ts";
import type { EngineOptions, SessionOptions } from "../app/options.ts";
import { KEYS } from "../app/paths.ts";
import { printResult } from "../app/result.ts";
import { loadCatalog } from "../catalog/load.ts";
import { examine, findingOf } from "../doctor/check.ts";
import { type CheckRequest, checksOf } from "../doctor/checks.ts";
import { about } from "../doctor/machine.ts";
import { doctorText } from "../doctor/text.ts";
import { PROJECT } from "../system/environment.ts";
import { count } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";

type DoctorOptions = SessionOptions & Pick<EngineOptions, "engine" | "builder" | "smokePods">;

/**
 * Checks everything that a run needs, and says what to do about each problem. Opens no session: that would end at the
 * first problem.
 */
export async function doctor(options: DoctorOptions): Promise<void> {
  const { engine, builder, smokePods, state } = options;
  const [header, reading] = await Promise.all([about(PROJECT), readCatalog(options)]);
  const place = { state: resolve(state), keys: KEYS, env: process.env };
  const examined = await examine(checksOf({ engine, builder, smokePods, ...place, ...reading }));
  if (examined.some(({ status }) => status === "fail")) process.exitCode = 2;
  printResult(
    options,
    "doctor",
    (width) => doctorText(header, examined, width),
    () => ({ about: header, checks: examined }),
  );
}

async function readCatalog(
  options: DoctorOptions,
): Promise<Pick<CheckRequest, "reading" | "catalog" | "isSandbox">> {
  try {
    const written = await loadCatalog(options.catalog);
    const profile = await resolveProfile(options.profile, written, options.registry);
    const catalog = await withProfile(written, profile, options);
    const found = `${options.catalog}: ${count(catalog.targets.length, "target")}, profile ${profile}`;
    return { reading: { status: "ok", found }, catalog, isSandbox: profile === "sandbox" };
  } catch (error) {
    const reading = { advice: `correct it: ${typed("check")} shows every mistake`, ...findingOf(error) };
    return { reading, catalog: undefined, isSandbox: false };
  }
}
