import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { StrangeAnswer, Strangeness, StrangeRequest } from "./strange-registries.ts";

/** A request with all that came with it. */
export interface WholeRequest extends StrangeRequest {
  readonly body: Buffer;
}

/** A stranger's registry: a real one, behind what answers some requests in its own way. */
export class Stranger {
  /** Asked for each request that is ours to ask; engines pull as they do. */
  strange: (request: WholeRequest) => StrangeAnswer | undefined = () => undefined;
  /** Every request of ours, as `METHOD path status`. */
  readonly log: string[] = [];
  /** Leaves the `Docker-Content-Digest` out of all answers: the specification wants none. */
  hidesDigests = false;
  /** Reads the tag of a list of what is attached as the digest, as GitLab does. Report: oras-go 1396. */
  readsTagsAsDigests = false;
  readonly #server: Server;
  readonly #behind: string;

  private constructor(server: Server, behind: string) {
    this.#server = server;
    this.#behind = behind;
  }

  /** @param host `127.0.0.1:PORT` to listen on @param behind `127.0.0.1:PORT` of the real registry */
  static async open(host: string, behind: string): Promise<Stranger> {
    const server = createServer();
    const stranger = new Stranger(server, behind);
    server.on("request", (incoming, answer) => {
      stranger.#serve(incoming, answer).catch(() => answer.destroy());
    });
    await new Promise<void>((done) => server.listen(Number(host.split(":")[1]), "127.0.0.1", done));
    return stranger;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(() => done()));
  }

  async #serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "", url: path = "" } = incoming;
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)]));
    const whole = { method, path, headers, body: Buffer.concat(chunks) };
    const isEngine = /buildah|containers/i.test(headers["user-agent"] ?? "");
    // The sandbox keeps its base image there, and is no part of the registry that is tried.
    const isOurs = !isEngine && !path.startsWith("/v2/sandbox/");
    const strange = isOurs ? this.strange(whole) : undefined;
    const status = strange ? strange.status : await this.#handOn(incoming, whole, answer);
    if (strange) answer.writeHead(strange.status, strange.headers).end(method === "HEAD" ? "" : strange.body);
    if (isOurs) this.log.push(`${method} ${path} ${status}`);
  }

  #handOn({ headers }: IncomingMessage, whole: WholeRequest, answer: ServerResponse): Promise<number> {
    const [hostname = "", port] = this.#behind.split(":");
    return new Promise((resolve, reject) => {
      const { method, body } = whole;
      const path = this.readsTagsAsDigests && method !== "PUT" ? asDigest(whole.path) : whole.path;
      const outgoing = request({ hostname, port, method, path, headers }, (response) => {
        if (this.hidesDigests) delete response.headers["docker-content-digest"];
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
        resolve(response.statusCode ?? 502);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

function asDigest(path: string): string {
  return path.replace(/\/manifests\/sha256-([0-9a-f]{64})$/, "/manifests/sha256:$1");
}

/**
 * Tokens by the rules of registries that show nothing of a repository before its first push (Harbor, GitLab, GHCR): who
 * only wants to read it gets no rights, and so do strangers. Reports: retagger 353, helm 31567, go-containerregistry 1691.
 * @param host that the token comes from @param pair `USER:PASSWORD`
 */
export function showsNothingBeforeThePush(host: string, pair: string): Strangeness {
  const there = new Set<string>();
  const wanted = `Basic ${Buffer.from(pair).toString("base64")}`;
  return ({ method, path, headers }) => {
    const url = new URL(path, "http://registry");
    if (url.pathname === "/token") {
      if (headers.authorization !== wanted) return { status: 401 };
      return {
        status: 200,
        body: JSON.stringify({
          access_token: ["token", ...url.searchParams.getAll("scope")].join(" "),
          expires_in: "300",
        }),
      };
    }
    const repository = /^\/v2\/(.+)\/(?:blobs|manifests|tags|referrers)\//.exec(url.pathname)?.[1];
    const scopes = (headers.authorization ?? "").replace(/^Bearer /, "").split(" ");
    if (!headers.authorization) {
      const challenge = `Bearer realm="http://${host}/token",service="stranger"`;
      return { status: 401, headers: { "www-authenticate": challenge } };
    }
    if (repository === undefined) return undefined;
    const mayPush = scopes.includes(`repository:${repository}:pull,push`);
    if (!there.has(repository) && !mayPush) return { status: 403 };
    if (method !== "GET" && method !== "HEAD") there.add(repository);
    return undefined;
  };
}
