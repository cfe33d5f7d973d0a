import { z } from "zod";
import { tryJson } from "../formats/oci/types.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { cleanLine } from "../system/shown/clean-text.ts";

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
  /** For `withRetries`: the request was repeated already, and is not repeated again. */
  readonly mayPass = false;
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

  /** Whether the registry refused our credentials, which the user can correct. */
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

/** Whether a registry deletes nothing: 405, or the code of the specification (distribution spec 1.1, "Error codes"). */
export function deletesNothing(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  return error.status === 405 || error.status === 501 || error.code === "UNSUPPORTED";
}

/** The error for a registry that deletes nothing. @param cause its answer */
export function cannotDelete(host: string, repository: string, reference: string, cause: unknown): UserError {
  const said = messageOf(cause).split(": ").at(-1);
  return new UserError(
    `${host}: this registry deletes nothing by the standard API (${said}): ` +
      `${repository}, ${reference} stays, and nothing else was removed`,
    "remove it by the registry's own page, API or retention rules; " +
      "Distribution deletes where REGISTRY_STORAGE_DELETE_ENABLED is true",
  );
}

/** The first error of a registry's JSON answer, or the start of an answer of any other kind: short lines, clean. */
export function readErrorBody(body: Uint8Array): { code?: string; detail?: string } {
  const text = Buffer.from(body.subarray(0, READ_LENGTH)).toString("utf8");
  const answer = errorSchema.safeParse(tryJson(text)).data;
  if (answer) {
    const { code, message } = answer.errors[0];
    return {
      ...(typeof code === "string" && { code: cleanLine(code, CODE_LENGTH) }),
      ...(typeof message === "string" && { detail: cleanLine(message, DETAIL_LENGTH) }),
    };
  }
  // A proxy's page, not the registry's JSON: its first words will do. No tag reaches past the next one: thus each
  // character is looked at once, whatever the page.
  const words = cleanLine(text.replace(/<[^<>]*>/g, " "), DETAIL_LENGTH);
  return words === "" ? {} : { detail: words };
}

const errorSchema = z.object({
  errors: z.tuple([z.object({ code: z.unknown().optional(), message: z.unknown().optional() })], z.unknown()),
});

/** How much of an answer is looked at for words, in bytes. */
const READ_LENGTH = 64 * 1024;
/** How much of an answer an error message shows, in characters. */
const DETAIL_LENGTH = 200;
const CODE_LENGTH = 60;
