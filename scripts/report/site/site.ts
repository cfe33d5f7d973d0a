import type { RunSummary } from "../../model/run.ts";
import type { Catalog } from "../../model/target.ts";
import type { Vulnerability } from "../../plan/vulnerable.ts";
import type { Past } from "../past.ts";
import type { LeftTag, TargetStatus } from "../status.ts";

/** All that the site shows, as plain data. What nobody could find out is undefined, and shown as unknown. */
export interface Site {
  readonly catalog: Pick<Catalog, "registry" | "site" | "targets" | "excluded">;
  /** When the registry was asked: every number that is not of a build's own time is of then. */
  readonly readAt: Date;
  /** The Birdhouse that wrote it. */
  readonly version: string;
  readonly isSandbox: boolean;
  /** In the catalog's order. */
  readonly targets: readonly SiteTarget[];
  /** Of versions that the catalog has no longer. */
  readonly left: readonly LeftTag[];
  /** Tags that no build and no history of ours knows. */
  readonly strangers: readonly StrangeTag[];
  /** What could not be asked. */
  readonly unknown: readonly string[];
  readonly verification: Verification | undefined;
  /** The newest first. */
  readonly runs: readonly SiteRun[];
  readonly docs: readonly SiteDoc[];
  /** The image → what others have in its place. */
  readonly moving: Readonly<Record<string, readonly OtherImage[]>>;
}

/** A target, and all that the registry tells of it. */
export interface SiteTarget {
  readonly status: TargetStatus;
  readonly past: Past;
  /** By the digest of a build: what Alpine has fixed since in what is installed there. One that is absent is unknown. */
  readonly vulnerabilities: ReadonlyMap<string, readonly Vulnerability[]>;
  /** All tags that point at what it points at. */
  readonly tags: readonly string[];
  readonly manifests: readonly SiteManifest[];
  /** Of its index: what is attached to it. */
  readonly documents: readonly SiteDocument[];
  /** By the name of a package, as the SBOM has it. */
  readonly licences: ReadonlyMap<string, string>;
  /** What looks at it found, where somebody looked: it tells more than Alpine's list of fixes. */
  readonly ledger?: SiteLedger | undefined;
  /** Why something of it could not be read. */
  readonly problem?: string;
}

/** What became of the vulnerabilities of a target: of a ledger what pages show. Times are ISO 8601 in UTC. */
export interface SiteLedger {
  /** The last look, at which image, and who answered. */
  readonly looked?:
    | { readonly at: string; readonly digest: string; readonly sources: readonly string[] }
    | undefined;
  readonly entries: readonly {
    /** `CVE-2024-9143` */
    readonly id: string;
    readonly package: string;
    readonly installed: string;
    readonly severity?: string | undefined;
    readonly firstSeen: string;
    readonly fixedByAlpine?: { readonly version: string; readonly since: string } | undefined;
    readonly publishedByUs?: { readonly digest: string; readonly time: string } | undefined;
    /** It was none. */
    readonly withdrawn?: string | undefined;
    /** Why the catalog lets it through, and until which day. */
    readonly exception?: { readonly reason: string; readonly until: string } | undefined;
  }[];
}

/** One platform of a published image. */
export interface SiteManifest {
  /** `linux/amd64` */
  readonly platform: string;
  readonly digest: string;
  readonly config: ConfigFacts | undefined;
  readonly documents: readonly SiteDocument[];
}

/** What an image's configuration says of how it runs. Source: OCI image-spec 1.1, config.md */
export interface ConfigFacts {
  /** ISO 8601. */
  readonly created: string | undefined;
  readonly user: string | undefined;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workdir: string | undefined;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal: string | undefined;
  /** The words of Docker's health check: `CMD`, and the program. */
  readonly healthcheck: readonly string[];
}

/** A document that is attached to an image, and was written into the site. */
export interface SiteDocument {
  /** `SBOM (CycloneDX)` */
  readonly title: string;
  /** Below the site's folder. */
  readonly path: string;
  readonly bytes: number;
}

/** A tag that nobody of us set. */
export interface StrangeTag {
  readonly image: string;
  readonly tag: string;
  readonly digest: string;
  /** What it says of itself; anybody may have written that. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** How a signature is verified. */
export type Verification = (
  | {
      readonly kind: "key";
      /** Its text, which begins with `-----BEGIN PUBLIC KEY-----`; undefined where it is not beside the private one. */
      readonly publicKey: string | undefined;
      readonly log: boolean;
    }
  | { readonly kind: "keyless"; readonly subject: string | undefined; readonly issuer: string | undefined }
) & {
  /** By which keys the maintainer's own Sigstore is known, JSON; left out where it is the public one. */
  readonly trustedRoot?: string;
};

/** A run of which this machine remembers the journal. */
export interface SiteRun {
  readonly summary: RunSummary;
  /** Of its account below the site's folder; undefined where there is none. */
  readonly page: string | undefined;
}

/** A page of the documentation. */
export interface SiteDoc {
  /** Below the catalog's folder: `docs/plan.md`, `README.md`. */
  readonly path: string;
  /** Markdown. */
  readonly text: string;
}

/** An image of somebody else, and how it differs from what stands in its place here. */
export interface OtherImage {
  /** `node:alpine` */
  readonly name: string;
  /** Where it says so. */
  readonly sources: readonly string[];
  /** What is compared → how it is there. */
  readonly facts: Readonly<Record<string, string>>;
  /** What to change, line by line. */
  readonly changes: readonly string[];
}
