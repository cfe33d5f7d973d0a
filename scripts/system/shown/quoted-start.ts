/** How much of a text a message shows, in characters. */
const GLANCE = 60;

/** A text as a message shows it: in quotes, on one line, no longer than a glance, however long it is. */
export function quotedStart(text: string): string {
  return JSON.stringify(text.length > GLANCE ? `${text.slice(0, GLANCE)}…` : text);
}
