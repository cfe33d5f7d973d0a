/** A regular expression taken apart, as far as it takes to write texts that it matches. */
export type RegexNode =
  /** One character: some of those that it may be. */
  | { readonly kind: "character"; readonly samples: readonly string[] }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  | { readonly kind: "repeat"; readonly item: RegexNode; readonly min: number; readonly max: number }
  /** What looks ahead or behind; it takes no character itself. */
  | { readonly kind: "look"; readonly item: RegexNode };

const NOTHING: RegexNode = { kind: "sequence", items: [] };

/** Characters of every kind that patterns tell apart. */
const KINDS = "a1A_ \n.-/:\"\\'(){}[]<>=~@,;#%&*+!?^$|`\t\0\u001bé\u2028zZ09fgvrdebGB";

/** How many characters of a class are tried. */
const SAMPLES = 4;

/** Takes a pattern apart. @throws Error when it is written in a way that is not known here */
export function parseRegex(pattern: RegExp): RegexNode {
  const reader = new Reader(pattern);
  const node = reader.choice();
  if (!reader.atEnd) throw new Error(`not understood from ${reader.position} on: ${pattern}`);
  return node;
}

class Reader {
  position = 0;
  readonly #source: string;
  readonly #flags: string;
  /** What is in the pattern itself comes first: ambiguity is between its own parts. */
  readonly #alphabet: readonly string[];

  constructor({ source, flags }: RegExp) {
    this.#source = source;
    this.#flags = flags.replace(/[gy]/g, "");
    this.#alphabet = [...new Set([...source.replace(/\\[a-zA-Z]/g, ""), ...KINDS])];
  }

  get atEnd(): boolean {
    return this.position >= this.#source.length;
  }

  choice(): RegexNode {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return options.length === 1 ? (options[0] ?? NOTHING) : { kind: "choice", options };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    while (!this.atEnd && !"|)".includes(this.#next)) items.push(this.#quantified());
    return { kind: "sequence", items };
  }

  #quantified(): RegexNode {
    const item = this.#atom();
    const [text, min, comma, max] =
      /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.#source.slice(this.position)) ?? [];
    if (text === undefined) return item;
    this.position += text.length;
    this.#take("?");
    if (text === "?") return { kind: "repeat", item, min: 0, max: 1 };
    if (text === "*" || text === "+")
      return { kind: "repeat", item, min: text === "+" ? 1 : 0, max: Infinity };
    const least = Number(min);
    const most = max ? Number(max) : comma ? Infinity : least;
    return { kind: "repeat", item, min: least, max: most };
  }

  #atom(): RegexNode {
    if (this.#take("(")) return this.#group();
    if (this.#take("^") || this.#take("$")) return NOTHING;
    const start = this.position;
    if (this.#take("[")) {
      while (this.#next !== "]") this.position += this.#next === "\\" ? 2 : 1;
      this.position++;
    } else if (this.#take("\\")) {
      const [text = ""] =
        /^(?:x[0-9a-f]{2}|u[0-9a-f]{4}|k<\w+>|p\{\w+\}|.)/i.exec(this.#source.slice(start + 1)) ?? [];
      this.position += text.length;
      if (/^[bBk1-9]/.test(text)) return NOTHING;
    } else this.position++;
    return { kind: "character", samples: this.#samplesOf(this.#source.slice(start, this.position)) };
  }

  #group(): RegexNode {
    const isLook = /^\?<?[=!]/.test(this.#source.slice(this.position));
    const [opening = ""] = /^\?(?:<?[=!]|:|<\w+>)/.exec(this.#source.slice(this.position)) ?? [];
    this.position += opening.length;
    const item = this.choice();
    if (!this.#take(")")) throw new Error(`a group without its end: ${this.#source}`);
    return isLook ? { kind: "look", item } : item;
  }

  #samplesOf(one: string): string[] {
    const single = new RegExp(`^${one}$`, this.#flags);
    return this.#alphabet.filter((character) => single.test(character)).slice(0, SAMPLES);
  }

  get #next(): string {
    return this.#source[this.position] ?? "";
  }

  #take(character: string): boolean {
    if (this.#next !== character) return false;
    this.position++;
    return true;
  }
}
