import { existsSync } from "node:fs";
import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../scripts/system/process/process.ts";
import { makeOnce } from "./make-once.ts";
import { goEnvironment, goPeer, PEERS, type Peer } from "./peers.ts";

/** A vulnerability that a database of the tests' own knows. */
export interface KnownVulnerability {
  readonly id: string;
  /** A source package of Alpine's where there is a branch, and one of npm's where there is none. */
  readonly package: string;
  readonly severity: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
  /** Of Alpine, such as `3.19`. */
  readonly branch?: string;
  /** The version that has the fix; absent where none has. */
  readonly fixed?: string;
}

/** What a scanner says of an image or of a list of contents. */
export interface Scanned {
  /** Such as `alpine 3.19.4`; empty where it knows none. */
  readonly system: string;
  /** `NAME-VERSION` of the packages that it found, and of what is inside them; sorted. */
  readonly packages: readonly string[];
  /** `ID in NAME`, sorted. */
  readonly found: readonly string[];
}

/** A scanner that others wrote, with a database of the tests' own. */
export interface RealScanner {
  readonly name: "trivy" | "grype";
  readonly peer: Peer | undefined;
  /** Writes its database into a folder. */
  writeDatabase(folder: string, known: readonly KnownVulnerability[]): Promise<void>;
  /** What makes it use that database, and ask nobody for another. */
  env(folder: string): Readonly<Record<string, string>>;
  /** The words that have it look at an image in a registry, or at a list of contents. */
  image(reference: string): readonly string[];
  sbom(path: string): readonly string[];
  /** Reads what those print. */
  read(text: string): Scanned;
}

/** As its own makers build it (its magefile): 1.27 has this package in another form. */
const TRIVY = { module: "github.com/aquasecurity/trivy", version: "v0.74.0", experiment: "jsonv2" };
const GRYPE = { module: "github.com/anchore/grype", version: "v0.121.2", experiment: "" };

/** trivy's JSON, as far as it is looked at. Source: aquasecurity/trivy, pkg/types/report.go */
interface TrivyReport {
  readonly Metadata?: { readonly OS?: { readonly Family: string; readonly Name: string } };
  readonly Results?: readonly {
    readonly Packages?: readonly { readonly Name: string; readonly Version: string }[];
    readonly Vulnerabilities?: readonly { readonly VulnerabilityID: string; readonly PkgName: string }[];
  }[];
}

export async function realTrivy(): Promise<RealScanner> {
  const report = ["--scanners", "vuln", "--format", "json", "--list-all-pkgs", "--quiet"];
  return {
    name: "trivy",
    peer: await goPeer("trivy", `${TRIVY.module}/cmd/trivy`, TRIVY.version, TRIVY),
    writeDatabase: (folder, known) => writeDatabase("trivy", TRIVY, join(folder, "db"), known),
    env: (folder) => ({
      ...{ TRIVY_CACHE_DIR: folder, TRIVY_SKIP_DB_UPDATE: "true", TRIVY_OFFLINE_SCAN: "true" },
      ...{ TRIVY_SKIP_VERSION_CHECK: "true", TRIVY_DISABLE_TELEMETRY: "true" },
    }),
    image: (reference) => ["image", "--image-src", "remote", "--insecure", ...report, reference],
    sbom: (path) => ["sbom", ...report, path],
    read(text) {
      const { Metadata, Results = [] } = JSON.parse(text) as TrivyReport;
      const packages = Results.flatMap(({ Packages = [] }) => Packages);
      const found = Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities);
      return {
        system: Metadata?.OS ? `${Metadata.OS.Family} ${Metadata.OS.Name}` : "",
        packages: packages.map(({ Name, Version }) => `${Name}-${Version}`).toSorted(),
        found: found.map((one) => `${one.VulnerabilityID} in ${one.PkgName}`).toSorted(),
      };
    },
  };
}

/** grype's JSON, as far as it is looked at. Source: anchore/grype, grype/presenter/models/document.go */
interface GrypeDocument {
  readonly matches: readonly {
    readonly vulnerability: { readonly id: string };
    readonly artifact: { readonly name: string; readonly version: string };
  }[];
  readonly distro: { readonly name: string; readonly version: string };
}

export async function realGrype(): Promise<RealScanner> {
  return {
    name: "grype",
    peer: await goPeer("grype", `${GRYPE.module}/cmd/grype`, GRYPE.version),
    // The folder of the sixth edition of its databases.
    writeDatabase: (folder, known) => writeDatabase("grype", GRYPE, join(folder, "6"), known),
    env: (folder) => ({
      ...{ GRYPE_DB_CACHE_DIR: folder, GRYPE_DB_AUTO_UPDATE: "false", GRYPE_CHECK_FOR_APP_UPDATE: "false" },
      ...{ GRYPE_REGISTRY_INSECURE_USE_HTTP: "true" },
    }),
    image: (reference) => [`registry:${reference}`, "--output", "json", "--quiet"],
    sbom: (path) => [`sbom:${path}`, "--output", "json", "--quiet"],
    read(text) {
      const { matches, distro } = JSON.parse(text) as GrypeDocument;
      return {
        system: `${distro.name} ${distro.version}`.trim(),
        // It names what it matched, and nothing else.
        packages: [
          ...new Set(matches.map(({ artifact }) => `${artifact.name}-${artifact.version}`)),
        ].toSorted(),
        found: matches
          .map(({ vulnerability, artifact }) => `${vulnerability.id} in ${artifact.name}`)
          .toSorted(),
      };
    },
  };
}

/** Puts a scanner into a folder, for the PATH, under its own name. */
export async function putIntoPath(folder: string, { name, peer }: RealScanner): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [program = ""] = peer?.command ?? [];
  if (!existsSync(join(folder, name))) await symlink(program, join(folder, name));
}

/** Has the scanner's own code write its database: its form is its own affair. */
async function writeDatabase(
  name: string,
  { module, version, experiment }: typeof TRIVY,
  folder: string,
  known: readonly KnownVulnerability[],
): Promise<void> {
  const writer = await makeOnce(join(PEERS, `${name}-${version}-database`), async (work) => {
    await mkdir(work, { recursive: true });
    const source = new URL(`../peers/databases/${name}/main.go`, import.meta.url);
    await copyFile(source, join(work, "main.go"));
    const options = { cwd: work, env: goEnvironment(experiment) };
    await run(["go", "mod", "init", "peers/database"], options);
    await run(["go", "get", `${module}@${version}`], options);
    await mkdir(join(work, "bin"));
    await run(["go", "build", "-o", join(work, "bin/write"), "."], options);
    return join(work, "bin");
  });
  await mkdir(folder, { recursive: true });
  const list = known.map((one) => ({ branch: "", fixed: "", ...one }));
  await run([join(writer, "write"), folder], { input: JSON.stringify(list) });
}
