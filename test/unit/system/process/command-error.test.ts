import { expect, it } from "vitest";
import { CommandError } from "../../../../scripts/system/process/process.ts";

const result = { exitCode: 125, stdout: "", stderr: "no space left", output: "no space left" };

it.each([
  [["buildah", "build", "x"], "buildah ended with exit code 125\nno space left\n", "buildah build x"],
  [["env", "DOCKER_CONFIG=", "podman", "rmi", "a=b"], "podman ended with exit code 125\n", "podman rmi"],
])("names the program that failed, and how it was started: %j", (argv, start, words) => {
  const { message } = new CommandError(argv, result);
  expect(message.startsWith(start)).toBe(true);
  expect(message.split("the command was: ")[1]).toContain(words);
});
