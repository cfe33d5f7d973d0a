/** Bytes, in characters, that a command may print before it is ended: none that we run has as much to say. */
export const MOST_PRINTED = 64 * 1024 * 1024;

/** Characters that are kept of the beginning and of the end of a long text. */
const [HEAD, TAIL] = [64 * 1024, 256 * 1024];

/**
 * Keeps a text that may be long: all of it up to a bound, else its head and its tail with a line between that says how
 * much is missing. Its memory is bounded, however much is added.
 */
export class BoundedText {
  #head = "";
  #tail = "";
  #dropped = 0;

  constructor(
    readonly head = HEAD,
    readonly tail = TAIL,
  ) {}

  add(piece: string): void {
    const room = Math.max(0, this.head - this.#head.length);
    this.#head += piece.slice(0, room);
    this.#tail += piece.slice(room);
    // Cut now and then only: to cut at each piece would copy the tail each time.
    if (this.#tail.length > 2 * this.tail) {
      this.#dropped += this.#tail.length - this.tail;
      this.#tail = this.#tail.slice(-this.tail);
    }
  }

  toString(): string {
    const dropped = this.#dropped + Math.max(0, this.#tail.length - this.tail);
    if (dropped === 0) return this.#head + this.#tail;
    return `${this.#head}\n… ${dropped} characters left out …\n${this.#tail.slice(-this.tail)}`;
  }
}

/** What a command printed. */
export interface Printed {
  /** Whole, since it may be a document; a command that prints more than may be kept is ended. */
  readonly stdout: string;
  /** Its head and its tail, where it is long. */
  readonly stderr: string;
  /** Standard output and standard error in the order they came; its head and its tail, where it is long. */
  readonly output: string;
}

/** Collects what a command prints. */
export class OutputCollector {
  readonly #stdout: string[] = [];
  readonly #stderr = new BoundedText();
  readonly #output = new BoundedText();
  #printed = 0;

  /** @param most characters of both streams together */
  constructor(readonly most = MOST_PRINTED) {}

  /** Whether more was printed than is kept: the command has failed then. */
  get isTooLong(): boolean {
    return this.#printed > this.most;
  }

  add(stream: "stdout" | "stderr", piece: string): void {
    this.#printed += piece.length;
    // What comes after the bound, until the command has ended, is of no use to anybody.
    if (this.isTooLong) return;
    if (stream === "stdout") this.#stdout.push(piece);
    else this.#stderr.add(piece);
    this.#output.add(piece);
  }

  get printed(): Printed {
    const note = this.isTooLong ? `\nit printed more than ${this.most} characters, and was stopped\n` : "";
    return {
      stdout: this.#stdout.join(""),
      stderr: `${this.#stderr}${note}`,
      output: `${this.#output}${note}`,
    };
  }
}
