/** How the layers of images are compressed. */
export interface Compression {
  readonly format: "gzip" | "zstd";
  /** Of the format; as the engine has it where there is none. */
  readonly level?: number;
}

/** `zstd:9` → its parts; a format alone has no level. The text is one that the catalog's schema takes. */
export function compressionOf(text: string): Compression {
  const [format, level] = text.split(":");
  return {
    format: format === "zstd" ? "zstd" : "gzip",
    ...(level !== undefined && { level: Number(level) }),
  };
}

/** `zstd:9`; undefined where it is what all engines do unless told otherwise. */
export function unusualCompression(compression: Compression | undefined): string | undefined {
  if (!compression || (compression.format === "gzip" && compression.level === undefined)) return undefined;
  const { format, level } = compression;
  return level === undefined ? format : `${format}:${level}`;
}
