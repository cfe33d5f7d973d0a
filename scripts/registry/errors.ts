import { z } from "zod";
import { UserError } from "../system/errors.ts";
import { tryJson } from "../system/json.ts";
import { cleanLine } from "../system/shown/clean-text.ts";

/** What went wrong in talking to a registry, and where. */
export interface RegistryFailure {
  readonly registry: string;
  readonly repository?: string | undefined;
  /** What was being done, such as `upload sha256:…`. */
  readonly action: string;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** The registry's own words (distribution spec 1.1, "Error codes"). */
  readonly code?: string;
  readonly detail?: string;
  /** On 401 and 403: where the credentials came from. */
  readonly credentials?: string | undefined;
}

/** Whether a status says that we may not, or that it is not known who we are. */
export function isRefusal(status: number | undefined): boolean {
  return status === 401 || status === 403;
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

  constructor({ registry, repository, action, ...failure }: RegistryFailure, options?: ErrorOptions) {
    const { status, code, detail, credentials } = failure;
    const where = repository ? `${registry}/${repository}` : registry;
    const answer = status === undefined ? "" : `HTTP ${status}`;
    const reason = [answer, code, detail].filter(Boolean).join(" ");
    const source = credentials ? `\ncredentials: ${credentials}` : "";
    super(`${where}: could not ${action}: ${reason}${source}`, options);
    this.registry = registry;
    this.repository = repository;
    this.status = status;
    this.code = code;
  }

  /** Whether the registry refused our credentials, which the user can correct. */
  get isRefusal(): boolean {
    return isRefusal(this.status);
  }
}

/** Some tags have moved, and could not go back when others could not move. */
export class TagsStuckError extends Error {
  override readonly name = "TagsStuckError";
}

/**
 * A failure to delete something; another one where the registry deletes nothing: by 405, or the code of the
 * specification (distribution spec 1.1, "Error codes").
 */
export function deleteFailure(error: unknown, repository: string, reference: string): unknown {
  if (!(error instanceof RegistryError)) return error;
  const { registry, status, code, message } = error;
  if (status !== 405 && status !== 501 && code !== "UNSUPPORTED") return error;
  return new UserError(
    `${registry}: this registry deletes nothing by the standard API (${message.split(": ").at(-1)}): ` +
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
    const { code = "", message = "" } = answer.errors[0];
    return { code: cleanLine(code, CODE_LENGTH), detail: cleanLine(message, DETAIL_LENGTH) };
  }
  // A proxy's page, not the registry's JSON: its first words will do. No tag reaches past the next one: thus each
  // character is looked at once, whatever the page.
  return { detail: cleanLine(text.replace(/<[^<>]*>/g, " "), DETAIL_LENGTH) };
}

const word = z.string().optional().catch(undefined);
const errorSchema = z.object({ errors: z.tuple([z.object({ code: word, message: word })], z.unknown()) });

/** How much of an answer is looked at for words, in bytes. */
const READ_LENGTH = 64 * 1024;
/** How much of an answer an error message shows, in characters. */
const DETAIL_LENGTH = 200;
const CODE_LENGTH = 60;
