import type { Inputs } from "./inputs.ts";
import type { Platform } from "./platform.ts";
import type { ImageSizes } from "./sizes.ts";

/** What the registry holds under a target's tag. */
export interface Published {
  readonly digest: string;
  /** Undefined when there is an image, but not one that tells what it was made from. */
  readonly inputs: Inputs | undefined;
  /** Undefined when it does not tell what it weighs. */
  readonly sizes?: ImageSizes | undefined;
  /** Those that its index has a manifest for; undefined where that was not read, or it is no index. */
  readonly platforms?: readonly Platform[] | undefined;
  /** Digest of the base image that it was built on; a runtime image starts from nothing. */
  readonly base?: string | undefined;
  /** When its tag was moved to it, where that was asked for. */
  readonly at?: Date | undefined;
}
