import type { Stage } from "../model/run.ts";
import { durationOf } from "../pipeline/deadline.ts";
import { commandLine } from "../system/process/process.ts";
import type { ResolvedProfile } from "./open-catalog.ts";
import type { EngineOptions, PipelineOptions, SessionOptions } from "./options.ts";

/** The command that repeats one stage of one target, as it was run: what a person pastes to look into it. */
export function repeatCommand(
  target: string,
  stage: Stage,
  profile: ResolvedProfile,
  options: EngineOptions,
): string {
  return birdhouse([stage, target, ...givenOptions(profile, options)]);
}

/** What a person typed. */
export interface Typed {
  readonly verb: string;
  readonly patterns: readonly string[];
  readonly options: PipelineOptions;
}

/** The command that repeats a whole run, with the profile that `auto` came to. */
export function typedCommand(profile: ResolvedProfile, { verb, patterns, options }: Typed): string {
  const { force, verify, deadline } = options;
  const flags = [
    ...(force ? ["--force"] : []),
    ...(verify ? ["--verify"] : []),
    ...(deadline === undefined ? [] : ["--deadline", durationOf(deadline)]),
  ];
  return birdhouse([verb, ...patterns, ...givenOptions(profile, options), ...flags]);
}

function birdhouse(words: readonly string[]): string {
  return commandLine(["npm", "run", "-s", "birdhouse", "--", ...words]);
}

/** The options that differ from the defaults, as words. */
export function givenOptions(
  profile: ResolvedProfile,
  options: SessionOptions & Partial<EngineOptions>,
): string[] {
  const flags = {
    "--profile": profile,
    "--engine": options.engine,
    "--builder": options.builder,
    "--catalog": options.catalog,
    "--registry": options.registry,
    "--state": options.state,
    "--mirror-port": String(options.mirrorPort),
    "--platform": options.platform?.join(","),
    "--policy": options.policy,
    "--sign": options.sign,
    "--since": options.since === undefined ? undefined : `${options.since}d`,
  };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined || value === DEFAULTS[flag] ? [] : [flag, value],
  );
}

/** Not repeated. */
const DEFAULTS: Readonly<Record<string, string>> = {
  "--profile": "catalog",
  "--engine": "auto",
  "--catalog": "catalog.yaml",
  "--state": ".birdhouse",
  "--mirror-port": "5080",
};
