/** One HTTP request. A body is bytes in memory or a file, so that it can be sent a second time. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | FileBody;
  /** Path of a file that the body of an answer with status 200 is written to, instead of being kept in memory. */
  readonly saveTo?: string;
  /** The longest body that a good answer may have, in bytes: of what has a descriptor, its size. */
  readonly limit?: number;
  /** For who wants to know only that there is an answer: a body that is longer is cut, and that is no error. */
  readonly mayCut?: boolean;
  /** Milliseconds for the whole of it, from the moment it has a connection. Unless given, by what is sent and read. */
  readonly deadline?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A file to stream from disk; `size` in bytes. */
export interface FileBody {
  readonly path: string;
  readonly size: number;
}

/** The whole answer, but for a body that was saved to a file. Header names are in lower case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of an answer that is not a good one, the first 64 KiB. */
  readonly body: Buffer;
  /** Whose answer it is: the final address, after redirects. */
  readonly url: URL;
}

/** How requests reach the network. Gives every answer, whatever its status; throws when there is none. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;
