import { Readable } from "node:stream";
import { HTTP_CODE, HttpError } from "../../system/http/error.ts";
import type { HttpResponse, Transport } from "../../system/http/message.ts";

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
      const { method, headers, body } = request;
      const bytes = bytesOf(body);
      const sent = {
        method,
        url: urlOf(request),
        headers: withoutOurs(headers),
        ...(bytes && { body: bytes }),
      };
      const response = await transport({ ...sent, signal }).catch((error: unknown) => {
        throw nameFor(error);
      });
      return { response: sdkResponse(response) };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

function sdkResponse({ status, headers, body }: HttpResponse) {
  return { statusCode: status, headers: { ...headers }, body: Readable.from([body]) };
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

/** The transport says itself how long a body is. */
function withoutOurs(headers: SdkRequest["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(content-length|expect)$/i.test(name)),
  );
}

/** The SDK knows by this name what to send once more. */
function nameFor(error: unknown): unknown {
  const isLate =
    error instanceof HttpError && (error.code === HTTP_CODE.idle || error.code === HTTP_CODE.deadline);
  return isLate ? Object.assign(new Error(error.message, { cause: error }), { name: "TimeoutError" }) : error;
}
