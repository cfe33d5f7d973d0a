import { OciLayout } from "../../formats/oci/layout.ts";
import type { Descriptor } from "../../formats/oci/types.ts";
import { type Gate, SCANNERS, type Scanner } from "../../model/gate.ts";
import { makeScratch, removeTree } from "../../system/files/files.ts";
import { run as runProcess } from "../../system/process/process.ts";
import { isInstalled } from "../../system/process/tools.ts";
import type { Vulnerability } from "./finding.ts";
import { grypeArgv, parseGrype } from "./grype.ts";
import { parseTrivy, trivyArgv } from "./trivy.ts";

const PROGRAMS = {
  trivy: { argv: trivyArgv, parse: parseTrivy },
  grype: { argv: grypeArgv, parse: parseGrype },
} as const;

/** The scanner to use, if it is on this machine. */
export async function findScanner(
  wanted: Gate["scanner"],
  installed: (tool: string) => Promise<boolean> = isInstalled,
): Promise<Scanner | undefined> {
  for (const scanner of wanted === "auto" ? SCANNERS : [wanted]) if (await installed(scanner)) return scanner;
  return undefined;
}

export interface ScanOptions {
  /** A directory for what only a scan needs. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/**
 * Has a scanner look at one platform of an image.
 * @param layout the directory of the OCI layout that holds it
 * @throws CommandError when the scanner fails; Error when its report is not in the form that we know
 */
export async function scan(
  scanner: Scanner,
  layout: string,
  manifest: Descriptor,
  { scratch, signal }: ScanOptions,
): Promise<Vulnerability[]> {
  const { argv, parse } = PROGRAMS[scanner];
  const directory = await makeScratch(scratch, "scan-");
  try {
    // Of an index scanners take the first platform, so each is given to them as if it were alone.
    const alone = await OciLayout.create(directory);
    await alone.importFrom(await OciLayout.open(layout), manifest);
    await alone.writeIndex([manifest]);
    const { stdout } = await runProcess(argv(directory), signal ? { signal } : {});
    return parse(stdout);
  } finally {
    await removeTree(directory);
  }
}
