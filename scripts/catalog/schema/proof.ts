import { z } from "zod";
import { VARIANTS } from "../../model/target.ts";
import * as addresses from "./addresses.ts";
import * as formats from "./formats.ts";
import { optional, word } from "./words.ts";

/** How an image of a catalog proves itself: its smoke test, what else it shows, its example, and how it ends. */

/** A command as an argument array: `[node, --version]`. */
export const command = z.array(word(formats.TEXT)).min(1);

export const env = z.record(word(addresses.ENV_NAME), word(formats.LINE));

export const smokeSchema = z.strictObject({
  version: optional(command, "Prints the program's version; leave it out only where there is no program"),
  files: z
    .record(word(formats.FILE_NAME), z.string())
    .default({})
    .describe("Files put into the working directory first: name → content, taken as it is"),
  build: optional(command, "Run in dev before run, to compile what runtime then runs"),
  run: command.describe("Must print `hello, world`; run in runtime and in dev"),
  writes: optional(
    z.literal(true),
    "true: run needs the image's own user, or writes elsewhere than in /tmp. It is not run again as user 1000 in a read-only container then",
  ),
});

/** One thing more that an image proves. A greeting or `prints` is what tells that it did; `fails` that it must not. */
export const checkSchema = z
  .strictObject({
    in: optional(z.enum(VARIANTS), "The only variant that it is run in; both where it is left out"),
    env: env.default({}).describe("Environment variables beside the image's own: { TZ: Europe/Berlin }"),
    user: optional(word(formats.USER), "Who runs it, where not the image's own user: 1000"),
    files: z
      .record(word(formats.FILE_NAME), z.string())
      .default({})
      .describe("Files put beside those of smoke: name → content, taken as it is"),
    build: optional(command, "Run in dev first, to compile what is then run"),
    run: command.describe("Runs in the working directory of smoke; no shell reads it"),
    tls: optional(
      z.literal(true),
      "true: there is a server at the URL in the variable URL, whose CA lies over the image's bundle. run fetches it, and must fail once that CA does not",
    ),
    prints: optional(word(formats.TEXT), "What it prints, where not `hello, world`"),
    fails: optional(word(formats.LINE), "It must fail, and say this"),
  })
  .refine(({ prints, fails, tls }) => fails === undefined || (prints === undefined && !tls), {
    error: "what must fail has neither prints nor tls: a check shows one thing",
  });

export const exampleSchema = z.strictObject({
  dependencies: optional(command, "Run in dev: fetches what the app depends on"),
  root: optional(z.boolean(), "true: `dependencies` needs root, as apk does to install a package"),
  test: command.describe("Run in dev: the app's own tests"),
  build: optional(command, "Run in dev: compiles what runtime then runs"),
  run: command.describe("Run in runtime: the app"),
  output: z.string().trim().min(1).describe("What the app prints, to the letter"),
});

export const stopSchema = z.strictObject({
  run: command.describe(
    "A program that prints `ready` and then waits: as process 1 it is sent SIGTERM, or the stopsignal",
  ),
  ends: z.boolean().describe("Whether that ends it"),
  handler: optional(
    z.string().trim().min(1),
    "Lines of the language that make a program end in good order, for the README",
  ),
});
