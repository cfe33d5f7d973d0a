import type { Compression } from "./compression.ts";
import type { Healthcheck, ImageUser, OwnCertificate, PlacedFile } from "./configuration.ts";
import type { EcrSettings } from "./ecr.ts";
import type { Gate } from "./gate.ts";
import type { Platform } from "./platform.ts";
import type { CleanRule, Policy } from "./policy.ts";
import type { Promotion } from "./promotion.ts";
import type { Branch, OwnRepository, Repository } from "./repositories.ts";
import type { Runners } from "./runners.ts";
import type { Signing } from "./signing.ts";
import type { Sources } from "./sources.ts";
import type { Webhook } from "./webhook.ts";

/**
 * Each version of an image comes as a pair: what to run on, and what to build with. Where the catalog wants it there is
 * a third: runtime with busybox's shell and tools, to look into what does not run as it should.
 */
export type Variant = "runtime" | "dev" | "debug";
/** Those that the catalog describes; debug follows from runtime. */
export const VARIANTS = ["runtime", "dev"] as const satisfies readonly Variant[];

/** What programs of smoke tests print, unless the catalog says otherwise. */
export const GREETING = "hello, world";

/** How an image proves itself. Commands are argument arrays; `run` must print `hello, world`. */
export interface Smoke {
  /** Prints the program's version; run in the variant that has `Target.package` installed. */
  readonly version?: readonly string[];
  /** File name → content, put into the working directory first. */
  readonly files: Readonly<Record<string, string>>;
  /** Run in dev, to compile what runtime then runs. */
  readonly build?: readonly string[];
  readonly run: readonly string[];
  /** Whether it needs its own user, or writes elsewhere than in `/tmp`: then it is not run for anybody. */
  readonly writes?: true;
}

/** One thing more that an image proves: a command whose output tells. It runs beside the files of smoke. */
export interface Check {
  /** As the catalog calls it: `time`. */
  readonly name: string;
  /** The variants that it runs in. */
  readonly variants: readonly Variant[];
  readonly env: Readonly<Record<string, string>>;
  /** Who runs it, where not the image's own user. */
  readonly user?: string;
  readonly files: Readonly<Record<string, string>>;
  /** Run in dev first. */
  readonly build?: readonly string[];
  readonly run: readonly string[];
  /** What it prints, or what it says when it fails, as it must. */
  readonly expected: { readonly prints: string } | { readonly fails: string };
  /** Whether it fetches what a server says that only the CA certificate over the image's bundle vouches for. */
  readonly tls: boolean;
}

/**
 * What the signal to stop (SIGTERM, unless the image names another) does to a program that is process 1, which Linux
 * does not end unless it says so itself.
 */
export interface Stop {
  /** Prints `ready`, and then waits. */
  readonly run: readonly string[];
  readonly ends: boolean;
  /** Lines of the language that make a program end. */
  readonly handler?: string;
}

/** The app in the image's example: how it is built in dev and run in runtime. Commands are argument arrays. */
export interface Example {
  readonly directory: string;
  readonly dependencies?: readonly string[];
  /** Whether `dependencies` needs root, as apk does to install a package. */
  readonly root?: boolean;
  readonly test: readonly string[];
  readonly build?: readonly string[];
  readonly run: readonly string[];
  /** What `run` prints, without the white space around it. */
  readonly output: string;
}

/** One image to build: image + version + variant. Named as its tag is. */
export interface Target {
  /** `node:22`, `node:22-dev`. */
  readonly name: string;
  readonly image: string;
  /** What people call the image: `Node.js`. */
  readonly title: string;
  readonly version: string;
  readonly variant: Variant;
  /** The Alpine branch, such as `3.22`. */
  readonly branch: string;
  /** The package whose installed version gives the exact tags. */
  readonly package: string;
  /** Where Alpine has it: a branch mends community only until the next branch comes. */
  readonly repository: Repository;
  /** The day, as `2027-05-01`, from which nobody mends it any more; the language's makers or Alpine say so. */
  readonly endOfLife?: string;
  /** The packages asked for, as apk's world names them, sorted, without repeats. */
  readonly world: readonly string[];
  /** Those of them that every image of this variant has; dev's are its first layer, the same for a branch. */
  readonly shared: readonly string[];
  /** Of the others those that a dev image shares with some: a layer each, in this order. */
  readonly layers?: readonly (readonly string[])[];
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly workdir?: string;
  readonly shell: boolean;
  /** Symbolic links to make: path → what it points at. */
  readonly links: Readonly<Record<string, string>>;
  /** Paths that are removed once all packages are in, with a shell's `*` and `?`. */
  readonly remove: readonly string[];
  /** The JDK's modules that a Java runtime is linked of. */
  readonly jlink?: readonly string[];
  /** Whether Python's modules are compiled. */
  readonly bytecode?: boolean;
  /** Whether Java's key store is made of the CA certificates. */
  readonly truststore: boolean;
  /** Files that it has beside its packages': path → what is there. */
  readonly files: Readonly<Record<string, PlacedFile>>;
  /** Who its commands run as. */
  readonly user: ImageUser;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports that it listens on: `8080`, `53/udp`. */
  readonly expose: readonly string[];
  /** Folders whose content outlives a container. */
  readonly volumes: readonly string[];
  /** What asks its program to end; SIGTERM where there is none. */
  readonly stopsignal?: string;
  readonly healthcheck?: Healthcheck;
  /** The most bytes, compressed, that one platform may weigh. */
  readonly budget?: number;
  readonly platforms: readonly Platform[];
  readonly policy: Policy;
  /** Built though it has ended, without being named: the catalog says so. */
  readonly evenArchived?: true;
  /** Tags known before the build: `22`, `latest`, `lts` (with `-dev`, `dev` in the dev variant). */
  readonly tags: readonly string[];
  readonly description: string;
  readonly smoke: Smoke;
  /** What else it proves; absent where that is nothing. */
  readonly checks?: readonly Check[];
  readonly stop?: Stop;
  /** What else a user has to know, in Markdown. */
  readonly notes?: string;
  readonly example?: Example;
  /** Where the catalog speaks of its version, as `catalog.yaml:12:7`. */
  readonly place: string;
}

/** Where the inputs come from and where the images go. */
export interface Catalog {
  /** Path of the catalog file, as given. */
  readonly file: string;
  /** `HOST[:PORT]/NAMESPACE`. */
  readonly registry: string;
  /** URL at which the pages that `site` writes are served, without a slash at its end. */
  readonly site?: string | undefined;
  readonly sources: Sources;
  /** Authorities that its images trust beside those that Alpine's trust. */
  readonly certificates?: readonly OwnCertificate[];
  /** Where packages come from beside Alpine's own repositories. */
  readonly repositories?: readonly OwnRepository[];
  /** Folders of templates of its own, which win over Birdhouse's; of these the last one. */
  readonly templates?: readonly string[];
  /** How layers are compressed; as the engine does it by itself where it is left out. */
  readonly compression?: Compression | undefined;
  /** How what is published is signed; without it, it is not. */
  readonly sign?: Signing | undefined;
  readonly ecr?: EcrSettings | undefined;
  /** Which vulnerabilities keep an image back; without it nobody looks for them. */
  readonly gate?: Gate | undefined;
  /** When what is published may go on to another registry; without it, at once. */
  readonly promote?: Promotion | undefined;
  /** On which machines a CI makes each platform; without it, one machine makes all. */
  readonly runners?: Runners | undefined;
  readonly branches: Readonly<Record<string, Branch>>;
  /** Languages that are not offered: name → what people call it, and why. */
  readonly excluded: Readonly<Record<string, { readonly title: string; readonly reason: string }>>;
  /** What bounds the disk; a default where it is left out. */
  readonly clean?: CleanRule;
  readonly notify?: readonly Webhook[] | undefined;
  /** In the catalog's order; runtime before dev. */
  readonly targets: readonly Target[];
}

/** `node:22`, `node:22-dev`. */
export function targetName(image: string, version: string, variant: Variant): string {
  return `${image}:${tagFor(variant, version)}`;
}

/** `22` → `22-dev` and `latest` → `dev` for dev, likewise for debug, and the tag itself for runtime. */
export function tagFor(variant: Variant, tag: string): string {
  if (variant === "runtime") return tag;
  return tag === "latest" ? variant : `${tag}-${variant}`;
}

/** What there is of each variant of one version. */
export interface OfVariants<Item> {
  readonly runtime: Item;
  readonly dev: Item;
  readonly debug?: Item;
}

/** All variants of one version of an image. They are published together, or not at all. */
export interface Release extends OfVariants<Target> {
  readonly image: string;
  readonly version: string;
}

/** What there is of all variants, runtime first. */
export function eachOf<Item>({ runtime, dev, debug }: OfVariants<Item>): readonly [Item, Item, ...Item[]] {
  return debug === undefined ? [runtime, dev] : [runtime, dev, debug];
}

/** The release that a target is of, by the name of its runtime: `node:22` of `node:22-dev`. */
export function releaseOf({ image, version }: Pick<Target, "image" | "version">): string {
  return targetName(image, version, "runtime");
}

/**
 * The targets by version, in their order.
 *
 * @throws Error when a target comes without its pair: nothing can be published of it
 */
export function releasesOf(targets: readonly Target[]): Release[] {
  const byName = new Map(targets.map((target) => [target.name, target]));
  // A name keeps the place that it has first.
  const releases = new Map(targets.map((target) => [releaseOf(target), target] as const));
  return [...releases].map(([name, one]) => {
    const { image, version } = one;
    const of = (variant: Variant) => byName.get(targetName(image, version, variant));
    const [runtime, dev, debug] = [of("runtime"), of("dev"), of("debug")];
    if (!runtime) throw new Error(`${one.name} comes without its pair ${name}`);
    if (!dev) throw new Error(`${one.name} comes without its pair ${targetName(image, version, "dev")}`);
    return { image, version, runtime, dev, ...(debug && { debug }) };
  });
}
