import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { goPeer, type Peer } from "./peers.ts";
import { PROJECT_STATE, type World } from "./world.ts";

/** Chainguard's maker of images out of apk packages, which also takes the packages of a sandbox. */
export function apkoPeer(): Promise<Peer | undefined> {
  // Its module has a deprecation that is asked for, and not served everywhere: so its program is built inside of it.
  return goPeer("apko", "chainguard.dev/apko", "v0.30.34", { program: "." });
}

/**
 * What apko is told to make one image with the packages that a target asks for, from the mirror that this has them from.
 * @param file where it is written
 */
export async function writeApkoFile(
  file: string,
  { branch, packages }: { readonly branch: string; readonly packages: readonly string[] },
  { mirrorPort }: World,
): Promise<void> {
  const mirror = `http://127.0.0.1:${mirrorPort}/v${branch}`;
  const contents = {
    repositories: [`${mirror}/main`, `${mirror}/community`],
    keyring: [join(PROJECT_STATE, "sandbox/keys/birdhouse-sandbox.rsa.pub")],
    // It knows of no packages that must not be there.
    packages: packages.filter((one) => !one.startsWith("!")),
  };
  await writeFile(file, stringify({ contents, archs: ["amd64"] }));
}

/** The words that make an image of such a file in an OCI layout. @param layout a folder that is there, and empty */
export function apkoBuild(apko: Peer, file: string, layout: string): string[] {
  return [...apko.command, "build", "--sbom=false", file, "apko:1", layout];
}
