import type { HttpRequest, HttpResponse } from "./message.ts";

/** A request that has been answered, or has not, for those who watch what is asked. Headers and bodies are never told. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  /** Absent where there was no answer. */
  readonly status?: number;
  readonly milliseconds: number;
}

const observers = new Set<(sent: SentRequest) => void>();

/** Has somebody watch each request. @returns ends that */
export function observeRequests(observer: (sent: SentRequest) => void): () => void {
  observers.add(observer);
  return () => void observers.delete(observer);
}

/** Sends a request, and tells those who watch what became of it. */
export async function observed(
  { method, url }: HttpRequest,
  send: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  if (observers.size === 0) return send();
  const begun = performance.now();
  const tell = (answer: { status?: number }) => {
    for (const observer of observers) {
      observer({ method, url, ...answer, milliseconds: performance.now() - begun });
    }
  };
  try {
    const response = await send();
    tell({ status: response.status });
    return response;
  } catch (error) {
    tell({});
    throw error;
  }
}
