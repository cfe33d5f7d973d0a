import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { Registry } from "../../scripts/registry/client.ts";
import { type EcrInput, ecrProblem, isFixedTag } from "./ecr-bounds.ts";

/** Answers an action of ECR instead of the stand-in; `undefined` lets it answer itself. */
export type EcrFault = (
  action: string,
  input: EcrInput,
) => { status: number; type: string; message: string } | undefined;

/**
 * Amazon ECR as far as Birdhouse asks it, in front of a real registry: its API in JSON 1.1, repositories that must be
 * made before they are pushed to, tokens that end, tags that never move, and the bounds that it documents.
 */
export class EcrStandIn {
  fault: EcrFault = () => undefined;
  /** Refuses what deletes by way of the registry's own interface. */
  deletesByItsOwnWayOnly = false;
  /** When logins are said to end. */
  loginEnds = new Date(Date.now() + 12 * 60 * 60 * 1000);
  /** Every action, with what it was given. */
  readonly actions: { readonly action: string; readonly input: EcrInput }[] = [];
  readonly repositories = new Map<string, EcrInput>();
  readonly policies = new Map<string, string>();
  readonly lifecycles = new Map<string, string>();
  /** Requests to the registry, behind the token. */
  readonly passed: string[] = [];
  #token = randomUUID();
  readonly #server: Server;

  private constructor(
    server: Server,
    readonly host: string,
    readonly behind: string,
  ) {
    this.#server = server;
  }

  static async open(host: string, behind: string): Promise<EcrStandIn> {
    const server = createServer();
    const standIn = new EcrStandIn(server, host, behind);
    server.on("request", (incoming, answer) => {
      standIn.#serve(incoming, answer).catch((error: unknown) => {
        answer.destroy(error instanceof Error ? error : undefined);
      });
    });
    await new Promise<void>((done) => server.listen(Number(host.split(":")[1]), "127.0.0.1", done));
    return standIn;
  }

  /** As after twelve hours: the tokens that were given are taken no longer. */
  endTokens(): void {
    this.#token = randomUUID();
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(() => done()));
  }

  async #serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const target = incoming.headers["x-amz-target"];
    if (typeof target !== "string") return this.#registry(incoming, answer);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const input = JSON.parse(Buffer.concat(chunks).toString("utf8")) as EcrInput;
    const action = target.replace(/^.*\./, "");
    this.actions.push({ action, input });
    const fault = this.fault(action, input);
    const found = fault ?? (await this.#answer(action, input));
    const isFault = "type" in found && "status" in found;
    answer.writeHead(isFault ? Number(found.status) : 200, { "content-type": "application/x-amz-json-1.1" });
    answer.end(JSON.stringify(isFault ? { __type: found.type, message: found.message } : found));
  }

  async #answer(action: string, input: EcrInput): Promise<Record<string, unknown>> {
    const { repositoryName: name = "" } = input;
    const problem = ecrProblem(action, input);
    if (problem !== undefined) {
      const message = `Invalid parameter at '${problem}' failed to satisfy constraint`;
      return { status: 400, type: "InvalidParameterException", message };
    }
    const is = (type: string) => ({ status: 400, type, message: `${type} of ${name}` });
    switch (action) {
      case "GetAuthorizationToken": {
        const authorizationToken = Buffer.from(`AWS:${this.#token}`).toString("base64");
        const expiresAt = this.loginEnds.getTime() / 1000;
        return {
          authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `http://${this.host}` }],
        };
      }
      case "CreateRepository":
        if (this.repositories.has(name)) return is("RepositoryAlreadyExistsException");
        this.repositories.set(name, input);
        return { repository: { repositoryName: name } };
      case "PutLifecyclePolicy":
        if (!this.repositories.has(name)) return is("RepositoryNotFoundException");
        this.lifecycles.set(name, String(input.lifecyclePolicyText));
        return {};
      case "SetRepositoryPolicy":
        if (!this.repositories.has(name)) return is("RepositoryNotFoundException");
        this.policies.set(name, String(input.policyText));
        return {};
      case "BatchGetImage":
        return this.repositories.has(name) ? this.#images(name, input) : is("RepositoryNotFoundException");
      case "BatchDeleteImage":
        return this.repositories.has(name) ? this.#remove(name, input) : is("RepositoryNotFoundException");
      default:
        return is("UnknownOperationException");
    }
  }

  async #images(name: string, { imageIds = [] }: EcrInput) {
    const registry = new Registry(this.behind);
    const images: object[] = [];
    for (const { imageTag, imageDigest } of imageIds) {
      const manifest = await registry.getManifest(name, imageTag ?? imageDigest ?? "");
      if (!manifest) continue;
      images.push({
        imageId: { imageDigest: manifest.digest, ...(imageTag !== undefined && { imageTag }) },
        imageManifest: Buffer.from(manifest.bytes).toString("utf8"),
        imageManifestMediaType: manifest.mediaType,
      });
    }
    return { images, failures: [] };
  }

  async #remove(name: string, { imageIds = [] }: EcrInput) {
    const registry = new Registry(this.behind);
    const failures: object[] = [];
    for (const imageId of imageIds) {
      const removed = await registry.deleteManifest(name, imageId.imageTag ?? imageId.imageDigest ?? "");
      if (!removed) failures.push({ imageId, failureCode: "ImageNotFound", failureReason: "not there" });
    }
    return { imageIds, failures };
  }

  async #has(repository: string, tag: string): Promise<boolean> {
    return (await new Registry(this.behind).getManifest(repository, tag)) !== undefined;
  }

  async #registry(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = incoming;
    const wanted = `Basic ${Buffer.from(`AWS:${this.#token}`).toString("base64")}`;
    // The base image of the sandbox is pulled by engines, which know nothing of ECR.
    const isOpen = /^\/v2\/(sandbox\/|$)/.test(url);
    if (headers.authorization !== wanted && !isOpen) {
      incoming.resume();
      answer.writeHead(401, {
        "www-authenticate": `Basic realm="http://${this.host}/",service="ecr.amazonaws.com"`,
      });
      answer.end();
      return;
    }
    const repository = /^\/v2\/(.*)\/(?:blobs|manifests)\//.exec(url)?.[1];
    const isWriting = method === "PUT" || method === "POST" || method === "PATCH";
    if (repository && isWriting && !isOpen && !this.repositories.has(repository)) {
      incoming.resume();
      answer.writeHead(404, { "content-type": "application/json" });
      answer.end(JSON.stringify({ errors: [{ code: "NAME_UNKNOWN", message: "no such repository" }] }));
      return;
    }
    const [, named = "", tag = ""] = /^\/v2\/(.*)\/manifests\/([^:]+)$/.exec(url) ?? [];
    const made = this.repositories.get(named);
    if (method === "PUT" && made && isFixedTag(tag, made) && (await this.#has(named, tag))) {
      incoming.resume();
      const message = `The image tag '${tag}' already exists in the '${named}' repository and cannot be overwritten because the tag is immutable.`;
      answer.writeHead(400, { "content-type": "application/json" });
      answer.end(JSON.stringify({ errors: [{ code: "TAG_INVALID", message }] }));
      return;
    }
    if (method === "DELETE" && this.deletesByItsOwnWayOnly) {
      incoming.resume();
      answer.writeHead(405, { "content-type": "application/json" });
      answer.end(JSON.stringify({ errors: [{ code: "UNSUPPORTED", message: "not supported" }] }));
      return;
    }
    this.passed.push(`${method} ${url}`);
    const [hostname = "", port] = this.behind.split(":");
    const outgoing = request({ hostname, port, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  }
}
