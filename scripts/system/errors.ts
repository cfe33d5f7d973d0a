/** Something the user can fix: bad input, a missing tool. The process ends with exit code 2. */
export class UserError extends Error {
  override readonly name = "UserError";

  /** @param message what is wrong, in one line or several */
  constructor(
    message: string,
    /** What to do about it. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The user, or the system, ended the run. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(readonly by: NodeJS.Signals) {
    super(`interrupted by ${by}: no tag has moved only in part; the next run starts where this one ended`);
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
