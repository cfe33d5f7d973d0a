import type { AlpineData } from "../alpine.ts";

/** How large a fleet is: each version is two tags. */
export interface FleetSize {
  readonly images: number;
  /** Of each image. */
  readonly versions: number;
}

/** Where the fleet's things are. */
export interface FleetPlaces {
  /** `HOST:PORT` */
  readonly registry: string;
  /** URL of the package mirror. */
  readonly mirror: string;
}

/** The repositories of the fleet's images, and of the base image. */
export const NAMESPACE = "fleet";
export const BASE_REPOSITORY = "alpine";

/**
 * The text of a catalog as a company has it: many images, each in many versions, on a few branches. No branch
 * ends, so that all that is published is compared with what there is.
 */
export function fleetCatalog(size: FleetSize, places: FleetPlaces, data: AlpineData): string {
  const { registry, mirror } = places;
  return `registry: ${registry}/${NAMESPACE}
platforms: [${data.platform}]
sources:
  base: ${registry}/${BASE_REPOSITORY}
  packages: ${mirror}
  security: ${mirror}/security
${data.keyFolder === undefined ? "" : `  keys: ${data.keyFolder}\n`}branches:
${data.branches.map((branch) => `  "${branch}": { eol: 2099-01-01 }`).join("\n")}
defaults:
  runtime: { packages: [alpine-baselayout-data, alpine-release, ca-certificates-bundle, musl, tzdata] }
  dev: { packages: [build-base, ca-certificates, git] }
images:
${numbers(size.images)
  .map((image) => imageText(image, size.versions, data.branches))
  .join("")}`;
}

function imageText(number: number, versions: number, branches: readonly string[]): string {
  const lines = numbers(versions).map(
    (version) => `      "${version}": { branch: "${branches[version % branches.length]}" }`,
  );
  return `  app-${number}:
    title: App ${number}
    description: One of many images of a company.
    package: "app-${number}-{{version}}"
    versions:
${lines.join("\n")}
    runtime:
      packages: ["app-${number}-{{version}}~{{version}}", libstdc++, libssl3, zlib]
      env: { APP_HOME: /srv/app }
      cmd: [app, serve]
    dev:
      packages: ["app-${number}-{{version}}~{{version}}", linux-headers, openssl-dev, zlib-dev]
      cmd: [app]
    smoke:
      version: [app, --version]
      run: [app, greet]
`;
}

/** 1, 2, … */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
