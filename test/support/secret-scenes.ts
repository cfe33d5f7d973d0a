import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "./catalogs.ts";
import { type Answer, parrot, SecretServer } from "./secret-servers.ts";
import { BIRDHOUSE } from "./world.ts";

/**
 * A password in Docker's configuration, one in a webhook's address and header, and one that is cosign's: none is in an
 * output, a journal, a page, or what another server is sent, however the work ends. The servers repeat what they are
 * told, as some do.
 */

export const DOCKER = "dOcKeR-pAsSwOrD-31415";
const HOOK_PATH = "hOoK-pAtH-27182";
const HOOK_PLAIN = "hOoK-pLaIn-16180";
const HOOK_TOKEN = "hOoK-tOkEn-14142";
const COSIGN = "cOsIgN-pAsSwOrD-17320";
const MIRROR = "mIrRoR-pAsSwOrD-22360";
const SECRETS = [DOCKER, HOOK_PATH, HOOK_PLAIN, HOOK_TOKEN, COSIGN, MIRROR];

/** A secret in every form in which it could stand somewhere. */
const FORMS: readonly string[] = [
  ...new Set(
    SECRETS.flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      Buffer.from(`robot:${secret}`).toString("base64").replace(/=+$/, ""),
      Buffer.from(secret).toString("hex"),
    ]),
  ),
];

export function secretsIn(text: string): string[] {
  return FORMS.filter((form) => text.includes(form));
}

/** Everything that a command left on the disk, but for the copy of the catalog that is kept as it was written. */
async function writtenBelow(directory: string): Promise<[file: string, text: string][]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => [file, await readFile(file, "latin1")]),
  );
}

export interface Situation {
  readonly registry: Answer;
  /** In place of Docker's configuration. */
  readonly config?: string;
  /** A credential helper: a script for sh. */
  readonly helper?: string;
  readonly hook?: Answer;
}

const wants: Answer = (request, response, body) =>
  request.headers.authorization === undefined
    ? parrot(401, { "www-authenticate": 'Basic realm="registry"' })(request, response, body)
    : parrot(404)(request, response, body);

/** Asks who it is, and then answers so. */
function then(answer: Answer): Situation {
  return {
    registry: (request, response, body) =>
      request.headers.authorization === undefined
        ? wants(request, response, body)
        : answer(request, response, body),
  };
}

const NOW = { "retry-after": "0" };
const write =
  (status: number, headers: Record<string, string>, text: string): Answer =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(text);
  };
const INDEX = "application/vnd.oci.image.index.v1+json";

/** The stranger's address is put in where it is known. */
export const SITUATIONS: Readonly<Record<string, (stranger: string) => Situation>> = {
  "an empty registry": () => then(parrot(404)),
  "401 for ever": () => then(parrot(401, { "www-authenticate": 'Basic realm="registry"' })),
  "401 with a token's realm of its own": () => ({
    registry: (request, response, body) =>
      request.url?.startsWith("/token")
        ? parrot(403)(request, response, body)
        : parrot(401, {
            "www-authenticate": `Bearer realm="http://${request.headers.host}/token",service="x"`,
          })(request, response, body),
  }),
  "401 without a challenge": () => ({ registry: parrot(401) }),
  "401 with a challenge that is none": () => then(parrot(401, { "www-authenticate": "Negotiate ::error::" })),
  "403": () => then(parrot(403)),
  "405": () => then(parrot(405)),
  "406": () => then(parrot(406)),
  "413": () => then(parrot(413)),
  "429": () => then(parrot(429, NOW)),
  "500": () => then(parrot(500, NOW)),
  "503": () => then(parrot(503, NOW)),
  "JSON that is none": () => then(write(200, { "content-type": INDEX }, `{"who": "${DOCKER}`)),
  "a manifest of another kind": () => then(write(200, { "content-type": "text/html" }, "<html>no</html>")),
  "an index that is not as expected": () => then(write(200, { "content-type": INDEX }, '{"manifests": 1}')),
  "a wrong digest": () =>
    then(
      write(
        200,
        { "content-type": INDEX, "docker-content-digest": `sha256:${"0".repeat(64)}` },
        `{"schemaVersion": 2, "mediaType": "${INDEX}", "manifests": []}`,
      ),
    ),
  "a digest that is none": () =>
    then(write(200, { "content-type": INDEX, "docker-content-digest": `sha256:${DOCKER}` }, "{}")),
  "a redirect to another origin": (stranger) => then(write(307, { location: `http://${stranger}/v2/` }, "")),
  "a redirect to another origin with the password in it": (stranger) =>
    then(write(307, { location: `http://robot:${DOCKER}@${stranger}/v2/` }, "")),
  "a redirect to a place that is none": () => then(write(307, { location: "http://[::error::" }, "")),
  "a redirect to itself": () =>
    then((request, response) =>
      write(307, { location: request.url ?? "" }, "")(request, response, Buffer.alloc(0)),
    ),
  "a connection that is closed": () => then((request) => void request.socket.destroy()),
  "an answer that breaks off": () =>
    then((request, response) => {
      response.writeHead(200, { "content-type": INDEX, "content-length": "1000" });
      response.write(`{"who": "${request.headers.authorization}"`);
      setTimeout(() => request.socket.destroy(), 50);
    }),
  "an answer that is slow": () =>
    then((request, response, body) => void setTimeout(() => parrot(403)(request, response, body), 700)),
  "a configuration that cannot be read": () => ({
    ...then(parrot(404)),
    config: `{"auths": {"x": {"auth": "${DOCKER}`,
  }),
  "a configuration that is not as expected": () => ({
    ...then(parrot(404)),
    config: JSON.stringify({ auths: { x: { auth: [DOCKER] } } }),
  }),
  "a login that is none": () => ({
    ...then(parrot(404)),
    config: JSON.stringify({ auths: { HOST: { auth: Buffer.from(DOCKER).toString("base64") } } }),
  }),
  "a credential helper that fails": () => ({
    ...then(parrot(404)),
    config: JSON.stringify({ credHelpers: { HOST: "test" } }),
    helper: `echo '{"Username": "robot", "Secret": "${DOCKER}"}'; echo "it is locked" >&2; exit 1`,
  }),
  "a credential helper that says what is no JSON": () => ({
    ...then(parrot(404)),
    config: JSON.stringify({ credHelpers: { HOST: "test" } }),
    helper: `echo '{"Secret": "${DOCKER}'`,
  }),
  "a credential helper's login, refused": () => ({
    ...then(parrot(403)),
    config: JSON.stringify({ credHelpers: { HOST: "test" } }),
    helper: `echo '{"Username": "robot", "Secret": "${DOCKER}"}'`,
  }),
  "a webhook that refuses": () => ({ ...then(parrot(403)), hook: parrot(403) }),
  "a webhook that sends elsewhere": (stranger) => ({
    ...then(parrot(403)),
    hook: write(307, { location: `http://${stranger}/` }, ""),
  }),
  "a webhook that closes": () => ({ ...then(parrot(403)), hook: (request) => void request.socket.destroy() }),
};

export const COMMANDS: readonly (readonly string[])[] = [
  ["rebuild"],
  ["plan"],
  ["doctor"],
  ["inspect", "lua:5.4"],
  ["history", "lua:5.4", "--json"],
  ["export", "--to", "OUT.tar"],
  ["import", "missing.tar"],
  ["prune"],
  ["rollback", "lua:5.4"],
  ["sizes", "--json"],
  ["explain", "lua:5.4", "--debug"],
];

/** Runs a command where a registry, a webhook and a mirror are as a situation has them. */
export class Scene {
  private constructor(
    readonly directory: string,
    readonly registry: SecretServer,
    readonly hook: SecretServer,
    readonly mirror: SecretServer,
    readonly stranger: SecretServer,
    readonly env: Record<string, string>,
  ) {}

  static async open(situationFor: (stranger: string) => Situation): Promise<Scene> {
    // It asks for a password too: who gives it one is wrong.
    const stranger = await SecretServer.open((request, response, body) =>
      parrot(401, { "www-authenticate": `Bearer realm="http://${request.headers.host}/steal",service="x"` })(
        request,
        response,
        body,
      ),
    );
    const situation = situationFor(stranger.host);
    const registry = await SecretServer.open(situation.registry);
    const hook = await SecretServer.open(situation.hook ?? parrot(200));
    const mirror = await SecretServer.open(parrot(404));
    const directory = await mkdtemp(join(tmpdir(), "birdhouse-secrets-"));
    const bin = join(directory, "bin");
    const docker = join(directory, "docker");
    await mkdir(bin);
    await mkdir(docker);
    await mkdir(join(directory, "state"));
    const auth = Buffer.from(`robot:${DOCKER}`).toString("base64");
    const config = situation.config ?? JSON.stringify({ auths: { HOST: { auth } } });
    await writeFile(join(docker, "config.json"), config.replaceAll("HOST", registry.host));
    await writeFile(
      join(bin, "docker-credential-test"),
      `#!/bin/sh\ncat >/dev/null\n${situation.helper ?? ""}\n`,
    );
    await chmod(join(bin, "docker-credential-test"), 0o755);
    await writeFile(join(directory, "catalog.yaml"), catalogFor(registry.host, hook.host, mirror.host));
    const env = {
      ...{ DOCKER_CONFIG: docker, PATH: `${bin}:${process.env.PATH}`, HOME: directory },
      ...{ HOOK: `http://${hook.host}/${HOOK_PATH}`, HOOK_TOKEN: `Bearer ${HOOK_TOKEN}` },
      ...{ COSIGN_PASSWORD: COSIGN, HTTP_AUTH: `basic:*:robot:${MIRROR}` },
    };
    return new Scene(directory, registry, hook, mirror, stranger, env);
  }

  async run([command = "", ...args]: readonly string[]): Promise<string> {
    const catalog = ["--catalog", join(this.directory, "catalog.yaml")];
    const places = ["--state", join(this.directory, "state"), ...(command === "runs" ? [] : catalog)];
    const words = args.map((one) => one.replace("OUT", join(this.directory, "state/out")));
    const options = { env: this.env, cwd: this.directory, signal: AbortSignal.timeout(100_000) };
    const { output } = await tryRun([...BIRDHOUSE, command, ...words, ...places], options);
    return output;
  }

  /** Where secrets were found that should not be there. */
  async leaks(outputs: readonly string[]): Promise<string[]> {
    const written = await writtenBelow(join(this.directory, "state"));
    const catalog = written.filter(([, text]) => !text.includes(`http://${this.hook.host}/${HOOK_PLAIN}`));
    const sent = (server: SecretServer, name: string) =>
      server.received.map(({ method, url, headers, body }): [string, string] => [
        `${name}: ${method}`,
        [url, headers, body].join("\n"),
      ]);
    const places: readonly [string, string][] = [
      ...outputs.map((text, index): [string, string] => [`output ${index}`, text]),
      ...catalog,
      ...sent(this.stranger, "stranger"),
      ...this.hook.received.map(({ body }): [string, string] => ["the webhook's text", body]),
    ];
    const others = [...sent(this.mirror, "mirror")].filter(([, text]) =>
      secretsIn(text).some((form) => !form.includes(MIRROR) && !form.includes(base64Of(`robot:${MIRROR}`))),
    );
    return [...places, ...others].flatMap(([place, text]) =>
      secretsIn(text).map((form) => `${place}: ${form}: ${around(text, form)}`),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.registry, this.hook, this.mirror, this.stranger].map((one) => one.close()));
    await rm(this.directory, { recursive: true, force: true });
  }
}

function base64Of(text: string): string {
  return Buffer.from(text).toString("base64").replace(/=+$/, "");
}

function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return JSON.stringify(text.slice(Math.max(0, at - 80), at + form.length + 20));
}

function catalogFor(registry: string, hook: string, mirror: string): string {
  const settings = [
    "notify:",
    "  - { url: env://HOOK, when: always, headers: { Authorization: env://HOOK_TOKEN } }",
    `  - { url: "http://${hook}/${HOOK_PLAIN}", when: always }`,
    "defaults:",
  ];
  return smallCatalog(["lua"])
    .replace("127.0.0.1:5000/test", `${registry}/test`)
    .replace("https://dl-cdn.alpinelinux.org/alpine", `http://${mirror}/alpine`)
    .replace("docker.io/library/alpine", `${registry}/library/alpine`)
    .replace("defaults:", settings.join("\n"));
}

/**
 * Runs commands where a situation has the world, and the list of runs at the end.
 * @returns where secrets were found that should not be there, and all that was printed
 */
export async function tryCommands(
  situationFor: (stranger: string) => Situation,
  commands: readonly (readonly string[])[],
): Promise<{ leaks: string[]; printed: string }> {
  const scene = await Scene.open(situationFor);
  try {
    const outputs: string[] = [];
    for (const command of commands) outputs.push(await scene.run(command));
    // Only a rebuild leaves an account of itself.
    if (commands.some(([verb]) => verb === "rebuild")) outputs.push(await scene.run(["runs", "show"]));
    return { leaks: await scene.leaks(outputs), printed: outputs.join("").trim() };
  } finally {
    await scene.close();
  }
}
