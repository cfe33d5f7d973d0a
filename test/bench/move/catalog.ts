import { BRANCH, TOOLS } from "./packages.ts";

/** Where the images of the benchmark come from and go to. */
export interface Places {
  /** `HOST:PORT` of the registry, which has the sandbox's base images. */
  readonly registry: string;
  /** URL of the package mirror. */
  readonly mirror: string;
  /** The folder of its public key. */
  readonly keys: string;
  readonly platform: string;
}

/** The repository paths of the three ways, one namespace each. */
export const NAMESPACES = { rebuild: "rebuild", fresh: "fresh", cached: "cached" } as const;

/** The text of a catalog of one app in many versions. */
export function appCatalog(versions: number, { registry, mirror, keys, platform }: Places): string {
  const lines = Array.from(
    { length: versions },
    (_, index) => `      "${index + 1}": { branch: "${BRANCH}" }`,
  );
  return `registry: ${registry}/${NAMESPACES.rebuild}
platforms: [${platform}]
sources:
  base: ${registry}/sandbox/alpine
  packages: ${mirror}
  keys: ${keys}
branches:
  "${BRANCH}": { eol: 2099-01-01 }
defaults:
  runtime: { packages: [alpine-baselayout-data, alpine-release] }
  dev: { packages: [${TOOLS}] }
images:
  app:
    description: An app in many versions.
    package: "app-{{version}}"
    versions:
${lines.join("\n")}
    runtime:
      packages: ["app-{{version}}~{{version}}"]
      shell: true
      cmd: ["app-{{version}}"]
    dev:
      packages: ["app-{{version}}~{{version}}"]
    smoke:
      version: ["app-{{version}}", --version]
      run: ["app-{{version}}"]
`;
}
