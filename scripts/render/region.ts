import { UserError } from "../system/errors.ts";

/** Between these two lines of the project's README stands what is rendered; the rest is written by hand. */
const BEGIN = "<!-- languages: rendered by make render -->";
const END = "<!-- /languages -->";

/** Whether a text has a region to render into. */
export function hasRegion(text: string): boolean {
  return text.includes(BEGIN);
}

/**
 * The text with its region filled.
 * @param file only named in the error
 * @throws UserError when the region has no end
 */
export function fillRegion(file: string, text: string, content: string): string {
  const begin = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END, begin);
  if (end < 0) {
    throw new UserError(
      `${file}: ${BEGIN} is followed by no ${END}`,
      "put the second line behind the table that is rendered",
    );
  }
  return `${text.slice(0, begin)}\n\n${content.trim()}\n\n${text.slice(end)}`;
}
