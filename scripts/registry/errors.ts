/** What went wrong in talking to a registry, and where. */
export interface RegistryFailure {
  readonly registry: string;
  readonly repository?: string;
  /** What was being done, such as `upload sha256:…`. */
  readonly action: string;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** The registry's own words (distribution spec 1.1, "Error codes"). */
  readonly code?: string;
  readonly detail?: string;
  /** On 401 and 403: where the credentials came from. */
  readonly credentials?: string;
}

/** A registry refused, failed or could not be reached, and trying again did not help. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly registry: string;
  readonly repository: string | undefined;
  readonly status: number | undefined;
  readonly code: string | undefined;

  constructor(failure: RegistryFailure, options?: ErrorOptions) {
    super(describe(failure), options);
    this.registry = failure.registry;
    this.repository = failure.repository;
    this.status = failure.status;
    this.code = failure.code;
  }

  /** Whether it was refused for who asks, which is for the user to mend. */
  get isRefusal(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** Some tags have moved, and could not go back when others could not move. */
export class TagsStuckError extends Error {
  override readonly name = "TagsStuckError";
}

function describe(failure: RegistryFailure): string {
  const where = failure.repository ? `${failure.registry}/${failure.repository}` : failure.registry;
  const status = failure.status === undefined ? "" : `HTTP ${failure.status}`;
  const reason = [status, failure.code, failure.detail].filter(Boolean).join(" ");
  const credentials = failure.credentials ? `\ncredentials: ${failure.credentials}` : "";
  return `${where}: could not ${failure.action}: ${reason}${credentials}`;
}

/** The first error of a registry's JSON answer, or the start of an answer of any other kind. */
export function readErrorBody(body: Uint8Array): { code?: string; detail?: string } {
  const text = Buffer.from(body).toString("utf8");
  try {
    const first: unknown = JSON.parse(text)?.errors?.[0];
    if (typeof first === "object" && first !== null) {
      const { code, message } = first as { code?: unknown; message?: unknown };
      return {
        ...(typeof code === "string" && { code }),
        ...(typeof message === "string" && { detail: message }),
      };
    }
  } catch {
    // A proxy's page, not the registry's JSON: its first words will do.
  }
  const words = text
    .replace(/<[^<>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return words === "" ? {} : { detail: words.slice(0, DETAIL_LENGTH) };
}

/** How much of an answer that is not JSON an error message shows, in characters. */
const DETAIL_LENGTH = 200;
