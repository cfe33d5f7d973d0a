/**
 * What no text of a catalog may have: control characters other than a tab and a line's end, halves of a character
 * (lone surrogates), and what turns the direction of writing or takes no place: what is seen would not be what is
 * meant. Sources: Unicode 15, chapter 23, "Special Areas"; CVE-2021-42574.
 */
const STRANGE =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The longest text that is no file's content, in characters: Linux has no longer paths. */
const LONGEST = 4096;

/** What is wrong with the characters of a text, or undefined. @param isContent whether it is what a file is to hold */
export function characterProblem(text: string, isContent: boolean): string | undefined {
  const found = STRANGE.exec(isContent ? text.replaceAll("\r\n", "\n") : text)?.[0];
  if (found !== undefined) {
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `the character U+${code} is in this text, which nobody can see; leave it out`;
  }
  if (isContent) return undefined;
  if (text.length > LONGEST) return `a text of ${text.length} characters, expected at most ${LONGEST}`;
  if (text.normalize("NFC") !== text) {
    return "a letter and its accent are two characters here; write them as one (NFC), as other tools do";
  }
  return undefined;
}
