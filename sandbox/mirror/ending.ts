/** What parts of a work share, so that the first that fails ends the others. */
export interface Ending {
  /** Aborted when the user interrupts, and by `failed`. */
  readonly signal: AbortSignal;
  readonly failed: AbortController;
}

/**
 * Waits until all parts of a work have ended, and ends them when one fails: whoever is told may remove what they wrote,
 * and none goes on for a result that will not be.
 * @throws what failed first
 */
export async function endingTogether<T>(
  parts: readonly (T | Promise<T>)[],
  failed: AbortController,
): Promise<T[]> {
  const ended = parts.map(async (part) => {
    try {
      return await part;
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(ended);
  failed.signal.throwIfAborted();
  return Promise.all(ended);
}
