import Handlebars from "handlebars";
import { cleanText } from "../../system/shown/clean-text.ts";
import { withoutSecrets } from "../../system/shown/secrets.ts";

/** HTML as it stands. Made by `html` alone, so that nothing else gets past the escaping. */
export type Markup = Handlebars.SafeString;

/** What a hole in a template takes; `undefined` and `false` are nothing. */
export type Piece = string | number | Markup | undefined | false | readonly Piece[];

/**
 * A template whose holes are escaped, but for what is markup already. Texts come from programs: what colours a
 * terminal, moves its cursor or turns the direction of writing is taken out of them.
 */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Handlebars.SafeString(
    strings.map((text, index) => (index === 0 ? text : written(pieces[index - 1]) + text)).join(""),
  );
}

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return "";
  if (typeof piece === "number") return String(piece);
  if (typeof piece === "string") return Handlebars.escapeExpression(plain(piece));
  if (piece instanceof Handlebars.SafeString) return piece.toString();
  return piece.map((one) => written(one)).join("");
}

/** The text alone, of what was meant for a terminal; a progress line that wrote over itself becomes several. */
export function plain(text: string): string {
  return withoutSecrets(cleanText(text));
}

/** The beginning and the end of a long text, which tell most, and how many characters lie between. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor(most / 4);
  const tail = most - head;
  const left = text.length - most;
  return `${text.slice(0, head)}\n… ${left} characters left out: the run's journal has them …\n${text.slice(-tail)}`;
}
