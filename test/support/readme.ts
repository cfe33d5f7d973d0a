/** One fenced block of a README: what kind it is, and the text in it. */
export interface Block {
  /** The word behind the fence: `sh`, `yaml`, `console`. */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown text, in its order (CommonMark 0.31, "Fenced code blocks"). */
function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```([\w-]*)[^\n]*\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", text = ""]) => ({ language, text }),
  );
}

/** What a README's blocks tell people to type, one after the other. */
export function commandsOf(markdown: string): string {
  return blocksOf(markdown)
    .filter(({ language }) => language === "sh")
    .map(({ text }) => text)
    .join("");
}
