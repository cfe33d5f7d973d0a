import type { Built } from "../build/built.ts";
import { VERSION } from "../system/version.ts";
import type { Attestation } from "./sign.ts";

/**
 * What a build was asked to make, as SLSA's provenance (slsa.dev/spec/v1.0/provenance): only what every
 * verifier needs of it.
 */
export function provenanceOf({ target, index }: Built): Attestation {
  const { name, image, version, variant, branch, world, platforms } = target;
  const predicate = {
    buildDefinition: {
      buildType: "urn:birdhouse:target:v1",
      externalParameters: { target: name, image, version, variant, branch, world, platforms },
      resolvedDependencies: [],
    },
    runDetails: { builder: { id: "urn:birdhouse", version: { birdhouse: VERSION } } },
  };
  return { type: "slsaprovenance1", document: JSON.stringify(predicate), subject: index.digest };
}
