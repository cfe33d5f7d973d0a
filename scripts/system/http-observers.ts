import type { HttpRequest, HttpResponse } from "./http.ts";

/** A request that has been answered, or has not, for those who watch what is asked. No header and no body is told. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  /** Absent where there was no answer. */
  readonly status?: number;
  readonly milliseconds: number;
}

const observers = new Set<(sent: SentRequest) => void>();

/** Tells somebody of each request, once it has ended. @returns ends it */
export function observeRequests(observer: (sent: SentRequest) => void): () => void {
  observers.add(observer);
  return () => void observers.delete(observer);
}

/** The same transport; those who watch are told of each of its requests. */
export function observed(
  transport: (request: HttpRequest) => Promise<HttpResponse>,
): (request: HttpRequest) => Promise<HttpResponse> {
  return async (request) => {
    if (observers.size === 0) return transport(request);
    const begun = performance.now();
    const tell = (status?: number) => {
      const { method, url } = request;
      const sent = { method, url, milliseconds: performance.now() - begun };
      for (const observer of observers) observer(status === undefined ? sent : { ...sent, status });
    };
    try {
      const response = await transport(request);
      tell(response.status);
      return response;
    } catch (error) {
      tell();
      throw error;
    }
  };
}
