import type { ImageFile, VersionFile } from "./schema.ts";

/** One image, with nothing left open that an image needs. */
export type ImageEntry = Omit<ImageFile, "extends" | "versions" | "description" | "package" | "smoke"> & {
  readonly description: string;
  readonly package: string;
  readonly smoke: NonNullable<ImageFile["smoke"]>;
  readonly versions: Readonly<Record<string, VersionEntry>>;
};

export type VersionEntry = VersionFile & { readonly branch: string };
