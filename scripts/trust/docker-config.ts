import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CredentialLookup, credentialsFor, DOCKER_HUB_KEY } from "../registry/credentials.ts";
import { makeScratch, removeTree, writeWhole } from "../system/files/files.ts";

/**
 * Lets another program reach a registry with our credentials. Usually it finds them where we did, in Docker's own
 * configuration, and is told nothing; else they lie in a configuration of its own for as long as it runs, which
 * only we can read.
 *
 * @param place which repository: credentials may be for some paths of a registry only
 * @param lookup where our credentials come from
 * @param docker where the other program looks by itself
 * @param use is given what to add to its environment
 * @throws UserError when the credentials cannot be understood, and whatever `use` throws
 */
export async function withDockerConfig<T>(
  place: { readonly registry: string; readonly repository: string },
  lookup: CredentialLookup,
  docker: CredentialLookup,
  use: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const { registry, repository } = place;
  const { credentials } = credentialsFor(await lookup(registry), repository);
  if (!credentials) return use({});
  // Others look under the name of the very repository and under the host, and for no path between.
  // Source: go-containerregistry, pkg/authn
  const others = await docker(registry);
  const known = others.paths?.find(({ path }) => path === repository)?.credentials ?? others.credentials;
  if (JSON.stringify(known) === JSON.stringify(credentials)) return use({});
  const directory = await makeScratch(tmpdir(), "birdhouse-login-");
  try {
    // Docker's `config.json` for one registry (docker/cli, "docker login").
    const key = registry === "docker.io" ? DOCKER_HUB_KEY : registry;
    const entry =
      "identityToken" in credentials
        ? { identitytoken: credentials.identityToken }
        : { auth: Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64") };
    const text = JSON.stringify({ auths: { [key]: entry } });
    await writeWhole(join(directory, "config.json"), text, { mode: 0o600 });
    // What is nearer than this would be taken in its place, by some releases of whatever reads it.
    return await use({ DOCKER_CONFIG: directory, DOCKER_AUTH_CONFIG: "", REGISTRY_AUTH_FILE: "" });
  } finally {
    await removeTree(directory);
  }
}
