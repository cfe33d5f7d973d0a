import { parseArgs } from "node:util";
import { messageOf, UserError } from "../../scripts/system/errors.ts";

export const COMMANDS = ["add", "del", "fetch", "info", "update", "upgrade", "version"] as const;
export type Command = (typeof COMMANDS)[number];

/** A command line of `apk`, as far as we understand it. */
export interface Arguments {
  readonly command: Command | undefined;
  readonly words: readonly string[];
  readonly root: string;
  readonly architecture: string | undefined;
  readonly repositories: readonly string[];
  readonly keysDirectory: string;
  readonly initdb: boolean;
  readonly simulate: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** `fetch --stdout` */
  readonly stdout: boolean;
  readonly printArchitecture: boolean;
  readonly printVersion: boolean;
  /** `add --virtual NAME` */
  readonly virtual: string | undefined;
  /** `add --upgrade` */
  readonly upgrade: boolean;
  /** `version --test` */
  readonly test: boolean;
}

/** Options that change nothing here (no scripts are run, nothing is cached) are taken and forgotten. */
const OPTIONS = {
  root: { type: "string", short: "p", default: "/" },
  arch: { type: "string" },
  repository: { type: "string", short: "X", multiple: true, default: [] as string[] },
  "keys-dir": { type: "string", default: "etc/apk/keys" },
  initdb: { type: "boolean", default: false },
  simulate: { type: "boolean", short: "s", default: false },
  verbose: { type: "boolean", short: "v", default: false },
  quiet: { type: "boolean", short: "q", default: false },
  stdout: { type: "boolean", default: false },
  "print-arch": { type: "boolean", default: false },
  version: { type: "boolean", short: "V", default: false },
  virtual: { type: "string", short: "t" },
  upgrade: { type: "boolean", short: "u", default: false },
  test: { type: "boolean", default: false },
  "no-cache": { type: "boolean" },
  "no-scripts": { type: "boolean" },
  "no-network": { type: "boolean" },
  "no-progress": { type: "boolean" },
  "update-cache": { type: "boolean", short: "U" },
} as const;

/** @throws UserError when an option or command is not known */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const [command, ...words] = positionals;
  return {
    command: command === undefined ? undefined : knownCommand(command),
    words,
    root: values.root,
    architecture: values.arch,
    repositories: values.repository,
    keysDirectory: values["keys-dir"],
    initdb: values.initdb,
    simulate: values.simulate,
    verbose: values.verbose,
    quiet: values.quiet,
    stdout: values.stdout,
    printArchitecture: values["print-arch"],
    printVersion: values.version,
    virtual: values.virtual,
    upgrade: values.upgrade,
    test: values.test,
  };
}

function parse(argv: readonly string[]) {
  // `-t` is short for --test in `version`, and for --virtual in `add`.
  const isVersion = argv.find((word) => !word.startsWith("-")) === "version";
  const args = argv.map((word) => (isVersion && word === "-t" ? "--test" : word));
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UserError(messageOf(error), "this is a small apk: it knows what Birdhouse's templates use");
  }
}

function knownCommand(word: string): Command {
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined)
    throw new UserError(
      `'${word}' is not an apk command that is understood here`,
      `there are: ${COMMANDS.join(", ")}`,
    );
  return command;
}
