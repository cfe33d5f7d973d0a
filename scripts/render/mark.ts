/** What a file that is rendered says in its first line. See templates/. */
export const MARK = "DO NOT EDIT: rendered";

/** Behind what begins a comment. An editor may have put a byte order mark before it. */
const MARKED = new RegExp(`^\\uFEFF?(?:#|<!--) ?${MARK}\\b`);

/** Whether a text is rendered, and so is ours to replace and to remove. */
export function isMarked(text: string): boolean {
  return MARKED.test(text);
}

/** How write-file-atomic names a file until it is whole: the name that it will have, and a number. */
const UNFINISHED = /^(.*\/)?(?:Dockerfile|README\.md)\.\d{1,10}$/;

/** Whether a path is named as a file is that was begun and not finished. */
export function isNamedUnfinished(path: string): boolean {
  return UNFINISHED.test(path);
}

/**
 * Whether a file is one that a run which was killed had begun to write: so named, and it holds nothing, or the
 * beginning of something rendered.
 * @param wanted all that is to come there, where it is known
 */
export function isUnfinished(path: string, text: string, wanted = ""): boolean {
  if (!isNamedUnfinished(path)) return false;
  return isMarked(text) || [`# ${MARK}`, `<!-- ${MARK}`, wanted].some((whole) => whole.startsWith(text));
}
