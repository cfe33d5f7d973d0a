import { cpus } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { SIGNING_KEY } from "../catalog/schema/addresses.ts";
import { formatProblem } from "../catalog/schema/format.ts";
import { DURATION } from "../catalog/schema/formats.ts";
import { ENGINES, type EngineName } from "../engine/engine.ts";
import { PLATFORMS, type Platform } from "../model/platform.ts";
import { daysOf, LONGEST_LEASE, millisecondsOf, type Policy } from "../model/policy.ts";
import { secondsOf } from "../pipeline/deadline.ts";
import { PACKAGED } from "../system/environment.ts";

/** Where packages come from: as the catalog says, the sandbox, or whichever can be reached. */
export const PROFILES = ["catalog", "sandbox", "auto"] as const;
export type Profile = (typeof PROFILES)[number];

/**
 * A checkout is started by make, which says `auto`; its command line says nothing and means the catalog. Of an installed
 * package the command line is all that there is.
 */
export const DEFAULT_PROFILE: Profile = PACKAGED ? "auto" : "catalog";

/** Options that mean the same in every command. */
export interface CommonOptions {
  readonly catalog: string;
  readonly json: boolean;
}

/** Options of the commands that read or write a registry. */
export interface SessionOptions extends CommonOptions {
  readonly registry?: string;
  readonly profile: Profile;
  readonly state: string;
  readonly mirrorPort: number;
}

/** Options of the commands that make a plan. */
export interface PlanningOptions extends SessionOptions {
  readonly policy?: Policy["for"];
  /** Days. */
  readonly since?: number;
}

/** Options of the commands that build or run images. */
export interface EngineOptions extends PlanningOptions {
  readonly engine: EngineName | "auto";
  /** Of buildx, for docker. */
  readonly builder?: string;
  /** The namespace of a cluster in which smoke tests run as Pods. */
  readonly smokePods?: string;
  /** Of which platforms, each on a node of it. */
  readonly smokePlatforms?: Platform[];
  readonly platform?: Platform[];
  readonly concurrency: number;
  /** Seconds. */
  readonly lease: number;
  /** Seconds from the start, after which no further version is begun. */
  readonly deadline?: number;
  /** A key, `keyless` or `off`, instead of what the catalog says. */
  readonly sign?: string;
}

/** Options of the commands that take targets through stages; the first three and `metrics` are `rebuild`'s alone. */
export interface PipelineOptions extends EngineOptions, MetricsOption {
  /** Rebuild the named targets even if nothing has changed. */
  readonly force?: boolean;
  /** Build everything twice, and fail what does not come out the same. */
  readonly verify?: boolean;
  /** How many versions are rebuilt at most. */
  readonly limit?: number;
  /** The one platform that this machine makes; then no tag moves. */
  readonly half?: Platform;
}

/** Of the commands that tell a monitoring how they ended. */
export interface MetricsOption {
  /** Where node exporter's textfile collector looks. */
  readonly metrics?: string;
}

/** Of the commands that can also only show what they would do. */
export interface DryRunOption {
  readonly dryRun: boolean;
}

function addJson(command: Command): Command {
  return command.option("--json", "one JSON document on standard output, and nothing else there", false);
}

export function addCommonOptions(command: Command): Command {
  return addJson(command.option("--catalog <file>", "the catalog", "catalog.yaml"));
}

/** Options of the commands that read the journals of runs. */
export function addRunsOptions(command: Command): Command {
  return addJson(command).option("--state <directory>", "where runs left their journals", ".birdhouse");
}

export function addSessionOptions(command: Command): Command {
  return addCommonOptions(command)
    .option("--registry <host/namespace>", "where images are published, instead of where the catalog says")
    .addOption(
      new Option("--profile <name>", "where packages come from: as the catalog says, or the sandbox")
        .choices(PROFILES)
        .default(DEFAULT_PROFILE),
    )
    .option("--state <directory>", "layouts, and the sandbox's mirror and registry", ".birdhouse")
    .option("--mirror-port <port>", "sandbox only: the mirror's port on 127.0.0.1", parsePositive, 5080);
}

export function addPlanningOptions(command: Command): Command {
  return addSessionOptions(command)
    .addOption(
      new Option("--policy <name>", "which changes to rebuild for, instead of what the catalog says").choices(
        ["anything", "security"],
      ),
    )
    .option("--since <days>", "do not rebuild what was published within the last days: 7d", parseDays);
}

/** Which engine, and which of its builders. */
export function addEngineChoice(command: Command): Command {
  return command
    .addOption(
      new Option("--engine <name>", "what builds and runs images")
        .choices(["auto", ...ENGINES])
        .default("auto"),
    )
    .addOption(
      new Option(
        "--builder <name>",
        "the buildx builder that docker builds with, such as one in a cluster",
      ).env("BUILDX_BUILDER"),
    );
}

/** Where smoke tests run, if not on this machine. */
export function smokePodsOption(): Option {
  return new Option(
    "--smoke-pods <namespace>",
    "run smoke tests as Pods in this namespace of the cluster that kubectl talks to, instead of by the engine",
  )
    .env("SMOKE_PODS")
    .argParser(parseNamespaceName);
}

/** Options of the commands that also test. */
export function addTestingOptions(command: Command): Command {
  return addEngineOptions(command).addOption(smokePodsOption()).addOption(smokePlatformsOption());
}

function smokePlatformsOption(): Option {
  return new Option(
    "--smoke-platforms <list>",
    "with --smoke-pods: test these platforms, each on a node of it (default: this machine's)",
  )
    .env("SMOKE_PLATFORMS")
    .argParser(parsePlatforms);
}

export function addEngineOptions(command: Command): Command {
  return addEngineChoice(addPlanningOptions(command))
    .addOption(platformOption(`instead of the catalog's, such as ${PLATFORMS.join(",")}`))
    .addOption(
      new Option("--concurrency <n>", "how many versions are worked on at once, each as a pair")
        .argParser(parsePositive)
        .default(cpus().length, "one for each processor"),
    )
    .option("--lease <seconds>", "how long the publish lock lasts after a run that died", parseLease, 600)
    .option(
      "--deadline <time>",
      "start no further version after this time, such as 2h or 1h30m; those in progress are finished",
      parseTime,
    )
    .option(
      "--sign <how>",
      "with cosign, instead of as the catalog says: a key (FILE, env://VARIABLE, awskms://…), keyless, or off",
      parseSigning,
    );
}

/** Platforms, as a list with commas. */
export function platformOption(description: string): Option {
  return new Option("--platform <list>", description).argParser(parsePlatforms);
}

/** Where a command tells a monitoring how it ended. */
export function metricsOption(): Option {
  return new Option("--metrics <file>", "write metrics there, for Prometheus' node exporter (NAME.prom)");
}

/** How many versions are rebuilt. */
export function limitOption(description: string): Option {
  return new Option("--limit <n>", description).argParser(parsePositive);
}

/** The value of an option, if its text is right. */
function expected<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InvalidArgumentError(`Expected ${what}.`);
  return value;
}

function parsePositive(text: string): number {
  return expected(/^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined, "a number of at least 1");
}

function parseDays(text: string): number {
  return expected(DURATION.pattern.test(text) ? daysOf(text) : undefined, 'a number of days such as "7d"');
}

/** @returns milliseconds */
export function parseHold(text: string): number {
  return expected(millisecondsOf(text), "a time such as 12h, 7d or 2w, of a year at most");
}

/** @returns seconds; others take a lock with a longer lease for the mistake of a wrong clock */
function parseLease(text: string): number {
  const seconds = parsePositive(text);
  const most = LONGEST_LEASE / 1000;
  return expected(seconds <= most ? seconds : undefined, `at most ${most} seconds, a day`);
}

function parseTime(text: string): number {
  return expected(secondsOf(text), "a time such as 2h, 90m, 1h30m or 45s");
}

/** Source: RFC 1123, 2.1, as Kubernetes takes names of namespaces. */
function parseNamespaceName(text: string): string {
  const isName = text.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
  return expected(isName ? text : undefined, 'the name of a namespace, such as "birdhouse-smoke"');
}

function parseSigning(text: string): string {
  const problem = formatProblem(SIGNING_KEY, text);
  if (problem !== undefined) throw new InvalidArgumentError(`It was ${problem}, keyless or off.`);
  return text;
}

function parsePlatforms(text: string): Platform[] {
  return text.split(",").map((name) => {
    const platform = PLATFORMS.find((known) => known === name);
    return expected(platform, `some of ${PLATFORMS.join(",")}`);
  });
}
