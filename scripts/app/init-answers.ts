import { basename } from "node:path";
import { REGISTRY } from "../catalog/schema/addresses.ts";
import { formatProblem } from "../catalog/schema/format.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { nearest } from "../catalog/text/problems.ts";
import { supportOf } from "../model/end-of-life.ts";
import { PLATFORMS, type Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { groupBy } from "../system/group.ts";

/** What a new catalog is to hold. */
export interface Answers {
  /** `HOST[:PORT]/NAMESPACE` */
  readonly registry: string;
  readonly platforms: readonly Platform[];
  /** Image → its versions in the catalog's order; undefined where it is to have all that there are. */
  readonly images: ReadonlyMap<string, readonly string[] | undefined>;
}

/** What was said on the command line; the rest is asked for, or as usual. */
export interface InitOptions {
  readonly registry?: string;
  readonly platform?: readonly Platform[];
  readonly images?: string;
  readonly yes: boolean;
}

/** Asks a person. Gives what was typed, or else what is offered. */
export type AskPerson = (question: string, offered: string) => Promise<string>;

/** What a team begins with, each in its newest version that is supported. */
const USUAL = ["static", "base", "node", "python", "go"];

/**
 * What the new catalog is to hold: what was said, what a person answers, or the usual.
 * @param ask undefined where nobody can be asked
 * @param tell shows a person what is wrong with an answer
 * @throws UserError where what was said is wrong, or nobody can be asked and was not to be
 */
export async function answersOf(
  options: InitOptions,
  {
    folder,
    parent,
    today,
  }: { readonly folder: string; readonly parent: readonly Target[]; readonly today: Date },
  ask: AskPerson | undefined,
  tell: (text: string) => void,
): Promise<Answers> {
  const isComplete = options.registry !== undefined && options.platform && options.images !== undefined;
  if (!options.yes && !isComplete && !ask) {
    throw new UserError(
      "there is no terminal to ask you on",
      "use --yes for the usual answers, or give all of --registry, --platform and --images",
    );
  }
  const answer = async <T>(
    said: string | undefined,
    question: string,
    usual: string,
    read: (text: string) => T,
  ) => {
    if (said !== undefined) return read(said);
    if (options.yes || !ask) return read(usual);
    for (;;) {
      try {
        return read(await ask(question, usual));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        tell(error.hint === undefined ? error.message : `${error.message} (${error.hint})`);
      }
    }
  };
  const local = `127.0.0.1:5000/${nameIn(folder)}`;
  return {
    registry: await answer(options.registry, "Where are images published?", local, registryIn),
    platforms: await answer(
      options.platform?.join(","),
      "For which platforms?",
      PLATFORMS.join(","),
      platformsIn,
    ),
    images: await answer(options.images, "Which images, and versions?", usualImages(parent, today), (text) =>
      imagesIn(text, parent),
    ),
  };
}

/** A folder's name as a namespace has it. */
function nameIn(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "images" : name;
}

function registryIn(text: string): string {
  const problem = formatProblem(REGISTRY, text);
  if (problem !== undefined) throw new UserError(`registry: ${problem}`);
  return text;
}

function platformsIn(text: string): Platform[] {
  const words = wordsIn(text);
  const platforms = PLATFORMS.filter((platform) => words.includes(platform));
  if (words.length === 0 || platforms.length < new Set(words).size) {
    throw new UserError(`platforms: expected some of ${PLATFORMS.join(",")}, found ${JSON.stringify(text)}`);
  }
  return platforms;
}

/** `node:24,python`: with a version it is that one, by any of its tags. */
function imagesIn(text: string, parent: readonly Target[]): Answers["images"] {
  const words = wordsIn(text);
  if (words.length === 0) throw new UserError("images: expected some such as node:24,python");
  const named = new Set(parent.map(({ image }) => image));
  const unknown = words.filter((word) => !named.has(word.split(":", 1)[0] ?? "") && !word.includes("*"));
  if (unknown.length > 0) {
    throw new UserError(unknownImages(unknown, [...named]));
  }
  const chosen = groupBy(selectTargets(parent, words), ({ image }) => image);
  return new Map(
    [...chosen].map(([image, targets]) => {
      const versions = [...new Set(targets.map(({ version }) => version))];
      return [image, words.includes(image) ? undefined : versions] as const;
    }),
  );
}

/** Each with what it may have been meant for; where one is like none, all that there are, once. */
function unknownImages(words: readonly string[], images: readonly string[]): string {
  const told = words.map((word) => {
    const near = nearest(word.split(":", 1)[0] ?? "", images);
    return {
      near,
      text: `there is no ${word}${near.length > 0 ? `; did you mean ${near.join(" or ")}?` : ""}`,
    };
  });
  const lines = told.map(({ text }) => `images: ${text}`);
  const isStrange = told.some(({ near }) => near.length === 0);
  return [...lines, ...(isStrange ? [`there are ${images.join(", ")}`] : [])].join("\n");
}

function usualImages(parent: readonly Target[], today: Date): string {
  const names = USUAL.flatMap((image) => {
    const supported = parent.filter((one) => one.image === image && supportOf(one, today) !== "archived");
    const newest = supported.find(({ tags }) => tags.includes("latest")) ?? supported[0];
    return newest ? [`${image}:${newest.version}`] : [];
  });
  return names.join(",");
}

function wordsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
