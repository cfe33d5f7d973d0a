#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { VariableError, wordsOf } from "./variables.mjs";

/**
 * Runs a command of Birdhouse with what the Makefile's variables say. They come by the environment and become words
 * of a command line here: neither make nor a shell ever reads what is in them, so a `;`, a `$` or a quote in one is
 * a letter like any other. Workflows that look at the exit code call this instead of make, which turns every failure
 * into 2:
 *
 *     ONLY="node:22 python" node scripts/with-variables.mjs rebuild
 *
 * What follows the command's name is another program to run instead, with the words after its own.
 */

try {
  const [verb = "", program, ...first] = process.argv.slice(2);
  const words = wordsOf(verb, process.env);
  if (program === undefined) {
    process.argv.splice(2, process.argv.length, ...words);
    await import("./start.mjs");
  } else {
    process.exitCode = spawnSync(program, [...first, ...words], { stdio: "inherit" }).status ?? 1;
  }
} catch (error) {
  if (!(error instanceof VariableError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
