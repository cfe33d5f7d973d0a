import type { Stage } from "../model/run.ts";
import { durationOf } from "../pipeline/deadline.ts";
import { commandLine, programWords } from "../system/shown/started.ts";
import type { ResolvedProfile } from "./open-catalog.ts";
import { DEFAULT_PROFILE, type EngineOptions, type PipelineOptions, type SessionOptions } from "./options.ts";

/**
 * The command that repeats one stage of one target, as it was run: what a person pastes to look into it. Of what several
 * machines made there is nothing here to publish: it is joined again.
 */
export function repeatCommand(
  target: string,
  stage: Stage | "join",
  profile: ResolvedProfile,
  options: EngineOptions,
): string {
  // Building tests nothing, and knows of no Pods.
  const { smokePods, smokePlatforms, ...building } = options;
  return birdhouse([stage, target, ...givenOptions(profile, stage === "build" ? building : options)]);
}

/** What a person typed. */
export interface Typed {
  readonly verb: string;
  readonly patterns: readonly string[];
  readonly options: PipelineOptions;
}

/** The command that repeats a whole run, with the profile that `auto` came to. */
export function typedCommand(profile: ResolvedProfile, { verb, patterns, options }: Typed): string {
  const { force, verify, deadline, limit, half } = options;
  const flags = [
    ...(force ? ["--force"] : []),
    ...(half === undefined ? [] : ["--half", half]),
    ...(verify ? ["--verify"] : []),
    ...(deadline === undefined ? [] : ["--deadline", durationOf(deadline)]),
    ...(limit === undefined ? [] : ["--limit", String(limit)]),
  ];
  return birdhouse([verb, ...patterns, ...givenOptions(profile, options), ...flags]);
}

function birdhouse(words: readonly string[]): string {
  return commandLine([...programWords(), ...words]);
}

/** The options that differ from the defaults, as words. */
export function givenOptions(
  profile: ResolvedProfile,
  options: SessionOptions & Partial<EngineOptions>,
): string[] {
  const flag = (name: string, value: string | undefined, fallback?: string) =>
    value === undefined || value === fallback ? [] : [name, value];
  return [
    ...flag("--profile", profile, DEFAULT_PROFILE),
    ...flag("--engine", options.engine, "auto"),
    ...flag("--builder", options.builder),
    ...flag("--smoke-pods", options.smokePods),
    ...flag("--smoke-platforms", options.smokePlatforms?.join(",")),
    ...flag("--catalog", options.catalog, "catalog.yaml"),
    ...flag("--registry", options.registry),
    ...flag("--state", options.state, ".birdhouse"),
    ...flag("--mirror-port", String(options.mirrorPort), "5080"),
    ...flag("--platform", options.platform?.join(",")),
    ...flag("--policy", options.policy),
    ...flag("--sign", options.sign),
    ...flag("--since", options.since === undefined ? undefined : `${options.since}d`),
  ];
}
