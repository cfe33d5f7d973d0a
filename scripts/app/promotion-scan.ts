import type { Built } from "../build/built.ts";
import { imageReader, inspectIndex } from "../build/layouts.ts";
import type { FilesystemReader } from "../formats/oci/filesystem.ts";
import { DEFAULT_GATE } from "../model/gate.ts";
import { RejectedError } from "../model/run.ts";
import type { Target } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import type { Carried } from "../transfer/carry.ts";
import type { OpenExport } from "../transfer/read.ts";
import { openGate } from "../trust/gate.ts";
import { findScanner } from "../trust/scanners.ts";
import { valueIn } from "./ask-alpine.ts";
import type { Session } from "./session.ts";

/** Looks at the variants of a version once more. @returns what was found, where that stops it */
export type PromotionScan = (opened: OpenExport, images: readonly Carried[]) => Promise<string | undefined>;

type ScanSession = Pick<
  Session,
  "catalog" | "profile" | "today" | "scratch" | "signal" | "listener" | "openUpstream"
>;

/**
 * Opens what looks at builds once more before they go on: the gate, as it is today.
 * @returns undefined in the sandbox, where there is no scanner
 * @throws UserError where there is none elsewhere
 */
export async function openPromotionScan(session: ScanSession): Promise<PromotionScan | undefined> {
  const { catalog, profile, today, scratch, signal, listener } = session;
  const rule = catalog.gate ?? DEFAULT_GATE;
  const note = (text: string) => listener({ type: "note", text });
  if (profile !== "sandbox" && !(await findScanner(rule.scanner))) {
    const wanted = rule.scanner === "auto" ? "neither trivy nor grype" : `no ${rule.scanner}`;
    throw new UserError(
      `the catalog wants builds scanned before they are promoted, and there is ${wanted} on this machine`,
      "install one, or take scan: true out of the catalog's promote",
    );
  }
  const gate = await openGate(
    { ...rule, required: false },
    {
      ...{ today, scratch, signal, note },
      async fixes(branch) {
        const upstream = await session.openUpstream();
        return valueIn(await upstream.fixes(branch)) ?? new Map();
      },
    },
  );
  if (!gate) return undefined;
  return async (opened, images) => {
    // Variants share layers, and each is read once.
    const reader = imageReader();
    const read = images.map(async ({ target }) => readCarried(target, opened, reader));
    const [first, second, third] = await Promise.all(read);
    if (!first || !second) return undefined;
    try {
      await gate({ runtime: first, dev: second, ...(third && { debug: third }) });
      return undefined;
    } catch (error) {
      if (error instanceof RejectedError) return error.message;
      throw error;
    }
  };
}

/** What has arrived, as if it had been built here. */
function readCarried(
  target: Target,
  { layout, images }: OpenExport,
  reader: FilesystemReader,
): Promise<Built> {
  const index = images.find((one) => one.target === target.name)?.image;
  if (!index) throw new Error(`${target.name} has not arrived`);
  return inspectIndex(target, layout, index, reader);
}
