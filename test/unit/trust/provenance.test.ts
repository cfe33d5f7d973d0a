import { describe, expect, it } from "vitest";
import { builderIn, type Provenance, provenancePredicate } from "../../../scripts/trust/provenance.ts";

const MADE: Provenance = {
  ...{
    target: "node:22",
    digest: "sha256:1",
    inputs: {},
    packages: "https://packages.example",
    version: "1.2.3",
  },
  base: { reference: "docker.io/library/alpine:3.22", digest: "sha256:2" },
  distribution: "alpine",
  installed: { "linux/amd64": { "gtk+3.0": "3.24.43-r0" } },
  making: { builder: "urn:birdhouse:workstation" },
};

describe("builderIn", () => {
  it("tells a workflow of GitHub by its file and branch, and the run of it", () => {
    const env = {
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "birdhouse/images",
      GITHUB_WORKFLOW_REF: "birdhouse/images/.github/workflows/nightly.yml@refs/heads/main",
      ...{ GITHUB_RUN_ID: "17", GITHUB_RUN_ATTEMPT: "2" },
    };
    expect(builderIn(env)).toEqual({
      builder: "https://github.com/birdhouse/images/.github/workflows/nightly.yml@refs/heads/main",
      run: "https://github.com/birdhouse/images/actions/runs/17/attempts/2",
    });
  });

  it("tells a pipeline of GitLab, and its job", () => {
    const env = {
      ...{
        CI_PROJECT_URL: "https://gitlab.com/b/images",
        CI_JOB_URL: "https://gitlab.com/b/images/-/jobs/3",
      },
      CI_COMMIT_REF_NAME: "main",
    };
    expect(builderIn(env)).toEqual({
      builder: "https://gitlab.com/b/images//.gitlab-ci.yml@main",
      run: "https://gitlab.com/b/images/-/jobs/3",
    });
  });

  it("tells that neither is at work", () => {
    expect(builderIn({})).toEqual({ builder: "urn:birdhouse:workstation" });
  });
});

describe("provenancePredicate", () => {
  it("names the base image, the commit and each package as what it was made of", () => {
    const repository = "https://github.com/birdhouse/images";
    const making = { builder: "https://ci.example", run: "https://ci.example/1", repository, commit: "4f0c" };
    expect(provenancePredicate({ ...MADE, making })).toMatchObject({
      buildDefinition: {
        resolvedDependencies: [
          { uri: "docker.io/library/alpine:3.22", digest: { sha256: "2" } },
          { uri: `git+${repository}`, digest: { gitCommit: "4f0c" } },
          { uri: "pkg:apk/alpine/gtk%2B3.0@3.24.43-r0" },
        ],
      },
      runDetails: {
        builder: { id: "https://ci.example" },
        metadata: { invocationId: "https://ci.example/1" },
      },
    });
  });

  it("says nothing of a repository or a run that there is not", () => {
    const text = JSON.stringify(provenancePredicate(MADE));
    expect(text).not.toContain("git+");
    expect(text).not.toContain("invocationId");
  });
});
