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
  readonly making: Making;
  /** Whose packages it is made of, as purls call it: `alpine`. */
  readonly distribution: string;
  /** Platform → package → version. */
  readonly installed: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Who builds, and from which sources. */
export interface Making {
  /** The workflow, pipeline or kind of machine that vouches for the build: one of CI is known by its address. */
  readonly builder: string;
  /** Address of the run of a CI system. */
  readonly run?: string | undefined;
  /** Web address of the repository that the catalog is in. */
  readonly repository?: string | undefined;
  /** What is checked out of it; undefined where that was changed. */
  readonly commit?: string | undefined;
}

/** The builder that is no CI system: whoever reads it knows that a person's own machine built this. */
const WORKSTATION = "urn:birdhouse:workstation";

/**
 * Who builds, by the environment.
 * Source: docs.github.com, "Variables reference"; docs.gitlab.com, "Predefined CI/CD variables"
 */
export function builderIn(
  env: Readonly<Record<string, string | undefined>>,
): Pick<Making, "builder" | "run"> {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_WORKFLOW_REF } =
    env;
  if (GITHUB_RUN_ID) {
    const run = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
    return {
      builder: `${GITHUB_SERVER_URL}/${GITHUB_WORKFLOW_REF ?? GITHUB_REPOSITORY}`,
      run: GITHUB_RUN_ATTEMPT ? `${run}/attempts/${GITHUB_RUN_ATTEMPT}` : run,
    };
  }
  const { CI_PROJECT_URL, CI_JOB_URL, CI_CONFIG_PATH, CI_COMMIT_REF_NAME } = env;
  if (!CI_JOB_URL) return { builder: WORKSTATION };
  const file = CI_CONFIG_PATH ?? ".gitlab-ci.yml";
  return { builder: `${CI_PROJECT_URL}//${file}@${CI_COMMIT_REF_NAME ?? ""}`, run: CI_JOB_URL };
}

export const STATEMENT_MEDIA_TYPE = "application/vnd.in-toto+json";
export const PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

/**
 * The predicate of a SLSA provenance. It names no time: what the same builder makes of the same says the same.
 * Source: slsa.dev/spec/v1.0/provenance
 */
export function provenancePredicate(made: Provenance): Readonly<Record<string, unknown>> {
  const { target, inputs, base, packages, version, installed, distribution, making } = made;
  const { builder, run, repository, commit } = making;
  return {
    buildDefinition: {
      buildType: "urn:birdhouse:target:v1",
      externalParameters: { target, inputs },
      internalParameters: { packages },
      resolvedDependencies: [
        { uri: base.reference, ...(base.digest !== undefined && { digest: sha256(base.digest) }) },
        ...(repository === undefined
          ? []
          : [{ uri: `git+${repository}`, ...(commit !== undefined && { digest: { gitCommit: commit } }) }]),
        ...Object.entries(installed).flatMap(([platform, versions]) =>
          Object.entries(versions).map(([name, exact]) => ({
            name,
            uri: `pkg:apk/${distribution}/${encodeURIComponent(name)}@${encodeURIComponent(exact)}`,
            annotations: { platform },
          })),
        ),
      ],
    },
    runDetails: {
      builder: { id: builder, version: { birdhouse: version } },
      ...(run !== undefined && { metadata: { invocationId: run } }),
    },
  };
}

/**
 * A predicate as a statement about an image. Source: in-toto/attestation, spec/v1/statement.md
 * @param digest of the image index
 */
export function statementOf(
  target: string,
  digest: string,
  predicateType: string,
  predicate: Readonly<Record<string, unknown>>,
): string {
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: target, digest: sha256(digest) }],
    predicateType,
    predicate,
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}

/** The provenance as a statement. */
export function provenanceStatement(made: Provenance): string {
  return statementOf(made.target, made.digest, PREDICATE_TYPE, provenancePredicate(made));
}

function sha256(digest: string): { sha256: string } {
  return { sha256: digest.replace(/^sha256:/, "") };
}
