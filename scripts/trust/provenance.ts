import type { Inputs } from "../model/inputs.ts";

/** What a build was made of. */
export interface Provenance {
  /** `node:22` */
  readonly target: string;
  /** Of the image index. */
  readonly digest: string;
  readonly inputs: Inputs;
  /** The base image: `docker.io/library/alpine:3.22` and its digest, where that is known. */
  readonly base: { readonly reference: string; readonly digest: string | undefined };
  /** URL of the package mirror. */
  readonly packages: string;
  /** Of Birdhouse. */
  readonly version: string;
  /** Platform → package → version. */
  readonly installed: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const STATEMENT_MEDIA_TYPE = "application/vnd.in-toto+json";
export const PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

/**
 * The predicate of a SLSA provenance. It names no time and no machine: an equal build says the same.
 * Source: slsa.dev/spec/v1.0/provenance
 */
export function provenancePredicate(made: Provenance): Readonly<Record<string, unknown>> {
  const { target, inputs, base, packages, version, installed } = made;
  return {
    buildDefinition: {
      buildType: "urn:birdhouse:target:v1",
      externalParameters: { target, inputs },
      internalParameters: { packages },
      resolvedDependencies: [
        { uri: base.reference, ...(base.digest !== undefined && { digest: sha256(base.digest) }) },
        ...Object.entries(installed).flatMap(([platform, versions]) =>
          Object.entries(versions).map(([name, exact]) => ({
            name,
            uri: `pkg:apk/alpine/${encodeURIComponent(name)}@${encodeURIComponent(exact)}`,
            annotations: { platform },
          })),
        ),
      ],
    },
    runDetails: { builder: { id: "urn:birdhouse", version: { birdhouse: version } } },
  };
}

/** The same as a statement about the image. Source: in-toto/attestation, spec/v1/statement.md */
export function provenanceStatement(made: Provenance): string {
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: made.target, digest: sha256(made.digest) }],
    predicateType: PREDICATE_TYPE,
    predicate: provenancePredicate(made),
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}

function sha256(digest: string): { sha256: string } {
  return { sha256: digest.replace(/^sha256:/, "") };
}
