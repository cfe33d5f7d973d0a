import type { Descriptor } from "../formats/oci/types.ts";
import type { Compression } from "../model/compression.ts";
import type { Platform } from "../model/platform.ts";
import type { ProcessResult } from "../system/process/process.ts";

/** What executes a Dockerfile and runs a container. */
export interface Engine {
  readonly name: EngineName;
  /** Name and version, as shown to people: `buildah 1.28.2`. */
  readonly title: string;

  /**
   * Builds one platform of a target and exports it to an OCI layout of its own, `request.layout`.
   * @throws CommandError when a step of the Dockerfile fails
   */
  build(request: BuildRequest): Promise<void>;

  /** Makes the image of a manifest in an OCI layout ready to run: those very bytes, not a rebuilt copy. */
  open(image: LocalImage): Promise<Container>;

  /** Removes everything that this engine made: images, containers, caches, mounts. */
  close(): Promise<void>;
}

/** In the order of preference. */
export const ENGINES = ["docker", "buildah", "podman"] as const;
export type EngineName = (typeof ENGINES)[number];

/** The build of one Dockerfile for one platform. Its directory is the build context. */
export interface BuildRequest {
  /** Unique within the run; names the image inside the engine. */
  readonly name: string;
  readonly dockerfile: string;
  readonly platform: Platform;
  readonly args: Readonly<Record<string, string>>;
  /** The OCI layout directory to export to. It does not exist yet. */
  readonly layout: string;
  /** When its steps are said to have run, in seconds since 1970: in its history, and of the files that they make. */
  readonly time: number;
  /** The base image's registry speaks plain HTTP, as one on loopback does. */
  readonly insecureBase: boolean;
  /** The packages are on this machine's loopback, which a step reaches by the host's network only. */
  readonly hostNetwork: boolean;
  /**
   * The stage that all Dockerfiles with the same key have in common: built once per run, then shared. All
   * other stages are built anew, because a cached `apk add` would miss what Alpine has published since. It has a time of
   * its own: with that of one of its images, each image would have a layer of its own of it.
   */
  readonly shared?: { readonly stage: string; readonly key: string; readonly time: number };
  /** How layers are compressed; as the engine does it by itself where it is left out. */
  readonly compression?: Compression | undefined;
  /** Variables of our environment that steps may read as files, `/run/secrets/ID`, and no layer keeps: ID → name. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** An image in an OCI layout on disk. */
export interface LocalImage {
  readonly name: string;
  readonly layout: string;
  readonly manifest: Descriptor;
  readonly platform: Platform;
}

/** An image that is ready to run. */
export interface Container {
  /** Whether the end of what a command printed may be missing, though it ended well. */
  readonly losesOutput?: boolean;
  /** Runs a command in the image and gives what it printed, whatever its exit code. */
  run(argv: readonly string[], options?: RunOptions): Promise<ProcessResult>;
  /** Removes it from the engine. */
  remove(): Promise<void>;
}

/** How a command runs in an image. What is left out is as the image says. */
export interface RunOptions {
  /** Directories of this machine, seen inside the container. */
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  /** `UID:GID` or a name. */
  readonly user?: string;
  /**
   * Nothing can be written but an empty `/tmp`. buildah makes that `/tmp`, and leaves the rest as it is: what a user may
   * not write to by its owner stays closed.
   */
  readonly isReadOnly?: boolean;
  /** `host` reaches this machine's loopback too; none unless told otherwise, where the engine can. */
  readonly network?: "none" | "bridge" | "host";
  readonly signal?: AbortSignal | undefined;
}
