/**
 * Allows its bearer to move and remove tags. Only the door for tags (`scripts/app/tag-door.ts`) issues one, to what works
 * under the publish lock, and takes it back when that ends: so nothing moves a tag beside the lock, and nothing after it.
 */
export class TagPermit {
  #isGood = true;

  /** Private, so that no other code can make one. */
  private constructor() {}

  /** @returns the permit, and what takes it back. Called by the door alone: a test looks for others. */
  static issue(): { readonly permit: TagPermit; readonly revoke: () => void } {
    const permit = new TagPermit();
    const revoke = () => {
      permit.#isGood = false;
    };
    return { permit, revoke };
  }

  /** @throws Error once it was taken back: a mistake in the program, as tags would move without the lock */
  require(): void {
    if (!this.#isGood) throw new Error("a tag was to be moved after the publish lock had been given back");
  }
}
