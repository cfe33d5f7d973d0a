import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A vulnerability that a fake trivy reports. */
export interface FakeVulnerability {
  readonly VulnerabilityID: string;
  readonly PkgName: string;
  readonly InstalledVersion: string;
  readonly FixedVersion?: string;
  readonly Severity: string;
}

/**
 * Puts a program called trivy into a folder, for the PATH. It looks at the layout that it is given as far as to
 * find one image in it, or at a list of contents as far as to see that it is one, and prints a report in trivy's form; its
 * arguments go to `trivy.log`.
 */
export async function fakeTrivy(folder: string, found: readonly FakeVulnerability[]): Promise<void> {
  const Results = [{ Target: "layout", Class: "os-pkgs", Type: "alpine", Vulnerabilities: found }];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "report.json"), JSON.stringify({ SchemaVersion: 2, Results }));
  const program = `#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/trivy.log"
if [ "$1" = sbom ]; then
  for file; do :; done
  grep -q '"bomFormat": "CycloneDX"' "$file" || { echo "FATAL no list of contents" >&2; exit 1; }
  cat "$here/report.json"
  exit
fi
[ "$1 $2" = "image --input" ] && test -f "$3/oci-layout" || { echo "FATAL no layout" >&2; exit 1; }
manifest=$(sed 's/.*"sha256:\\([0-9a-f]*\\)".*/\\1/' "$3/index.json")
grep -q '"layers"' "$3/blobs/sha256/$manifest" || { echo "FATAL not one image" >&2; exit 1; }
cat "$here/report.json"
`;
  await writeFile(join(folder, "trivy"), program);
  await chmod(join(folder, "trivy"), 0o755);
}
