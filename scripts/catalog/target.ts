import type { Platform } from "../alpine/platform.ts";

/** Each version of an image comes as a pair: what to run on, and what to build with. */
export type Variant = "runtime" | "dev";
export const VARIANTS = ["runtime", "dev"] as const satisfies readonly Variant[];

/** How an image proves itself. Commands are argument arrays; `run` must print `hello, world`. */
export interface Smoke {
  /** Prints the program's version; run in the variant that has `Target.package` installed. */
  readonly version?: readonly string[];
  /** File name → content, put into the working directory first. */
  readonly files: Readonly<Record<string, string>>;
  /** Run in dev, to compile what runtime then runs. */
  readonly build?: readonly string[];
  readonly run: readonly string[];
}

/** One image to build: image + version + variant. Named as its tag is. */
export interface Target {
  /** `node:22`, `node:22-dev`. */
  readonly name: string;
  readonly image: string;
  readonly version: string;
  readonly variant: Variant;
  /** The Alpine branch, such as `3.22`. */
  readonly branch: string;
  /** The package whose installed version gives the exact tags. */
  readonly package: string;
  /** The packages asked for, as apk's world names them, sorted, without repeats. */
  readonly world: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly workdir?: string;
  readonly shell: boolean;
  /** Symbolic links to make: path → what it points at. */
  readonly links: Readonly<Record<string, string>>;
  readonly platforms: readonly Platform[];
  /** Tags known before the build: `22`, `latest`, `lts` (with `-dev`, `dev` in the dev variant). */
  readonly tags: readonly string[];
  readonly description: string;
  readonly smoke: Smoke;
}

/** Where the inputs come from and where the images go. */
export interface Catalog {
  /** Path of the catalog file, as given. */
  readonly file: string;
  /** `HOST[:PORT]/NAMESPACE`. */
  readonly registry: string;
  readonly sources: { readonly base: string; readonly packages: string };
  /** Packages that every image has, by variant; dev's are its first, shared layer. */
  readonly defaults: Readonly<Record<Variant, readonly string[]>>;
  /** In the catalog's order; runtime before dev. */
  readonly targets: readonly Target[];
}
