import { exportTargets } from "../app/export.ts";
import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { UserError } from "../system/errors.ts";
import { exportedJson, exportText } from "../transfer/text.ts";

type ExportOptions = SessionOptions & { readonly to: string };

/** Writes published targets, with all that is attached to them, as one OCI image layout: a directory, or a `.tar`. */
export async function exportImages(patterns: string[], options: ExportOptions): Promise<void> {
  const { to } = options;
  // Before anything is asked of a registry, let alone downloaded.
  if (to.trim() === "") {
    throw new UserError("--to is empty", "name a directory, or an archive that ends in .tar: --to node.tar");
  }
  await withSession(options, async (session) => {
    await notePending(session);
    const { images, bytes } = await exportTargets(session, patterns, to);
    printResult(
      options,
      "export",
      (width) => exportText(images, bytes, to, width),
      () => ({ to, bytes, exported: images.map((one) => exportedJson(one)) }),
    );
  });
}
