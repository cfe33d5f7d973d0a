/** Something the user can mend: bad input, a missing tool. The process ends with exit code 2. */
export class UserError extends Error {
  override readonly name = "UserError";

  /**
   * @param message what is wrong, in one line or several
   * @param hint what to do about it
   */
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
