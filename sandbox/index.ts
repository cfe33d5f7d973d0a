import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Registry } from "../scripts/registry/client.ts";
import { manifestContent, pushContent, putTag } from "../scripts/registry/push.ts";
import { UserError } from "../scripts/system/errors.ts";
import { ask } from "../scripts/system/http/http.ts";
import { ensureTools } from "../scripts/system/process/tools.ts";
import { alone } from "../scripts/system/state/alone.ts";
import { type BaseImages, prepareBaseImages } from "./base/base.ts";
import { configureBaseImages } from "./base/configure.ts";
import { LANGUAGES_VARIABLE } from "./mirror/languages.ts";
import { isStamp, MIRROR_STAMP, type Mirror, prepareMirror } from "./mirror/mirror.ts";
import { REGISTRIES_PATH } from "./registries/ecosystem.ts";
import { clientSettings } from "./registries/ecosystems.ts";
import { prepareRegistries, REGISTRIES_STAMP } from "./registries/registries.ts";
import { registriesSite } from "./registries/site.ts";
import { type FileServer, fileSite, loopbackUrl, serveAfter, serveIfFree } from "./serve.ts";

export { EXAMPLE_NEEDS } from "./mirror/languages.ts";
export { mayLack } from "./mirror/may-lack.ts";

export interface SandboxOptions {
  /** Birdhouse's state directory: the sandbox's own is in it. */
  readonly state: string;
  /** `HOST[:PORT]` of a registry that runs: base images go there. */
  readonly registry: string;
  /** The mirror's port on 127.0.0.1. */
  readonly mirrorPort: number;
  /** Languages beside what every sandbox has; by default those that the environment names. */
  readonly languages?: string;
  readonly note: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Where the base images are in the registry; the branch is the tag. */
const BASE_REPOSITORY = "sandbox/alpine";

/**
 * Opens what stands in for Alpine: packages at `http://127.0.0.1:PORT/v3.22/main`, base images at
 * `REGISTRY/sandbox/alpine:3.22`; and for the languages' own registries, at
 * `http://127.0.0.1:PORT/registries/npm` and so on, which clients in the base images are set up for. All of it is made
 * on first use and kept, so opening it again takes an instant.
 * @returns a function that stops serving
 * @throws UserError when something else has the port, or Debian's mirror or the npm registry cannot be reached
 */
export async function openMirror(options: SandboxOptions): Promise<() => Promise<void>> {
  const { state, note, signal } = options;
  const common = { directory: join(state, "sandbox"), onProgress: note, ...(signal && { signal }) };
  await ensureTools(["apt-get", "dpkg-deb", "ldd", "tar", "zstd"], common);
  const { languages = process.env[LANGUAGES_VARIABLE] } = options;
  // Its folders are filled beside their place, and two would do it against each other.
  return alone(
    join(common.directory, "making"),
    { onWait: () => note("waiting for another run that makes the sandbox"), ...(signal && { signal }) },
    async () => {
      await requirePort(options.mirrorPort);
      const mirror = await prepareMirror({ ...common, ...(languages !== undefined && { languages }) });
      const registries = await prepareRegistries(common);
      const server = await serve(mirror, registries, options.mirrorPort, note);
      try {
        const plain = await prepareBaseImages({ ...common, mirror, mirrorUrl: server.url });
        const images = await configureBaseImages(plain, clientSettings(server.url));
        await pushBaseImages(images, options);
      } catch (error) {
        await server.close();
        throw error;
      }
      return () => server.close();
    },
  );
}

/** @throws UserError where somebody else listens, who is no mirror of Birdhouse's: to make one first would be in vain */
async function requirePort(port: number): Promise<void> {
  const server = await serveIfFree({}, port);
  if (server) return server.close();
  if (!isStamp(await textAt(`${loopbackUrl(port)}/${MIRROR_STAMP}`))) throw portTaken(port);
}

/** Serves mirror and registries, unless another run of Birdhouse already serves the same ones. */
async function serve(
  mirror: Mirror,
  registries: string,
  port: number,
  note: (text: string) => void,
): Promise<FileServer> {
  const sites = { [`${REGISTRIES_PATH}/`]: registriesSite(registries), "/": fileSite(mirror.path) };
  const server = await serveIfFree(sites, port);
  if (server) return server;
  const url = loopbackUrl(port);
  const isSame =
    (await servesFile(`${url}/${MIRROR_STAMP}`, join(mirror.path, MIRROR_STAMP))) &&
    (await servesFile(`${url}${REGISTRIES_PATH}/${REGISTRIES_STAMP}`, join(registries, REGISTRIES_STAMP)));
  if (!isSame) throw portTaken(port);
  note(`using the mirror that another run serves on 127.0.0.1:${port}`);
  return serveAfter(sites, port);
}

function portTaken(port: number): UserError {
  return new UserError(
    `the sandbox's mirror cannot be served on 127.0.0.1:${port}: something else listens there`,
    "stop it, or choose another port with --mirror-port",
  );
}

/** Whether an address gives what is in a file. */
async function servesFile(url: string, path: string): Promise<boolean> {
  return (await textAt(url)) === (await readFile(path, "utf8"));
}

/** What an address gives; nothing where it does not answer. */
function textAt(url: string): Promise<string> {
  return ask(new URL(url), { signal: AbortSignal.timeout(5_000) })
    .then(({ body }) => body.toString("utf8"))
    .catch(() => "");
}

/** Brings the base images to the registry that are not there, or not as they are here. */
async function pushBaseImages({ layout, images }: BaseImages, options: SandboxOptions): Promise<void> {
  const registry = new Registry(options.registry);
  const call = options.signal ? { signal: options.signal } : {};
  for (const [branch, image] of images) {
    const published = await registry.headManifest(BASE_REPOSITORY, branch, call);
    if (published?.digest === image.digest) continue;
    options.note(`pushing the base image of ${branch}`);
    await pushContent(layout, image, registry, BASE_REPOSITORY, call);
    await putTag(registry, BASE_REPOSITORY, branch, await manifestContent(layout, image), call);
  }
}
