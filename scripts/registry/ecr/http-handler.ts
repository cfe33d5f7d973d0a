import { Readable } from "node:stream";
import { HTTP_CODE, HttpError } from "../../system/http/error.ts";
import type { Transport } from "../../system/http/message.ts";

/** A request as the AWS SDK hands it on: the part of `HttpRequest` of @smithy/types that ECR's protocol uses. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Has the AWS SDK send its requests through our door, by the same proxy and within the same limits. It signs and
 * repeats them itself.
 * @param ofAll ends every request that is given no signal of its own
 */
export function sdkHandler(transport: Transport, ofAll?: AbortSignal) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: SdkRequest, { abortSignal }: { readonly abortSignal?: unknown } = {}) {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : ofAll;
      // The transport says itself how long a body is.
      const own = Object.entries(request.headers).filter(
        ([name]) => !/^(content-length|expect)$/i.test(name),
      );
      const headers = Object.fromEntries(own);
      const body = bytesOf(request.body);
      const sent = { method: request.method, url: urlOf(request), headers, signal, ...(body && { body }) };
      const answer = await transport(sent).catch((error: unknown) => {
        throw nameFor(error);
      });
      const parts = { headers: { ...answer.headers }, body: Readable.from([answer.body]) };
      return { response: { statusCode: answer.status, ...parts } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`);
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values ?? ""].flat()) url.searchParams.append(name, value);
  }
  return url;
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new TypeError("expected the body of a request to ECR to be text or bytes");
}

/** The SDK knows by this name what to send once more. */
function nameFor(error: unknown): unknown {
  const isLate =
    error instanceof HttpError && (error.code === HTTP_CODE.idle || error.code === HTTP_CODE.deadline);
  return isLate ? Object.assign(new Error(error.message, { cause: error }), { name: "TimeoutError" }) : error;
}
