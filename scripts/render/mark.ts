/** What a file that is rendered says in its first line. See templates/. */
export const MARK = "DO NOT EDIT: rendered";

/** Behind what begins a comment. An editor may have put a byte order mark before it. */
const MARKED = new RegExp(`^\\uFEFF?(?:#|<!--) ?${MARK}\\b`);

/** Whether a text is rendered, and so is ours to replace and to remove. */
export function isMarked(text: string): boolean {
  return MARKED.test(text);
}
