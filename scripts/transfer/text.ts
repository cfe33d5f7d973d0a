import { count, formatBytes, formatDigest, formatProse, formatTable } from "../system/shown/format.ts";
import type { ExportedImage } from "./exported.ts";
import type { Sent } from "./send.ts";

/** What was exported. @param width of a line, in characters */
export function exportText(
  images: readonly ExportedImage[],
  bytes: number,
  to: string,
  width: number | undefined,
): string {
  const rows = images.map(({ target, image, tags, attached, beside }) => [
    target,
    formatDigest(image.digest),
    String(attached.length + beside.length),
    tags.join(" "),
  ]);
  const table = formatTable([["TARGET", "DIGEST", "ATTACHED", "TAGS"], ...rows], width);
  return `${table}\n\n${count(images.length, "target")} in ${to}, ${formatBytes(bytes)}.`;
}

/** The same of one image, for programs. */
export function exportedJson({ target, image, tags, attached, beside }: ExportedImage) {
  return {
    target,
    digest: image.digest,
    tags,
    attached: attached.map(({ digest, artifactType }) => ({ digest, artifactType: artifactType ?? null })),
    beside: beside.map(({ tag, manifest }) => ({ tag, digest: manifest.digest })),
  };
}

/** What was, or would be, published. @param width of a line, in characters */
export function importText(sent: readonly Sent[], dryRun: boolean, width?: number): string {
  const rows = sent.map(({ target, digest, sent: bytes, moved }) => [
    target,
    formatDigest(digest),
    formatBytes(bytes),
    moved.length > 0 ? moved.join(" ") : "already in place",
  ]);
  const table = formatTable([["TARGET", "DIGEST", dryRun ? "TO SEND" : "SENT", "TAGS"], ...rows], width);
  const end = dryRun
    ? "Dry run: nothing was sent, and no tags were moved."
    : `${count(sent.length, "target")} imported; ${movedText(sent)}`;
  return `${table}\n\n${formatProse(end, width)}`;
}

function movedText(sent: readonly Sent[]): string {
  const moved = sent.filter((one) => one.moved.length > 0).length;
  if (moved === 0) return "their tags were there already.";
  if (moved === sent.length) return `${moved === 1 ? "its" : "their"} tags were moved.`;
  return `the tags of ${moved} were moved, and the others were there already.`;
}
