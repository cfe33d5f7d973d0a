import { describe, expect, it } from "vitest";
import { hintOf } from "../../../scripts/pipeline/hint.ts";
import { RegistryError, TagsStuckError } from "../../../scripts/registry/errors.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { CommandError } from "../../../scripts/system/process/process.ts";

const printed = (output: string) =>
  new CommandError(["buildah", "build"], { exitCode: 125, stdout: "", stderr: output, output });
const REGISTRY = { registry: "r.example", action: "put the manifest 22" };

describe("what to do about a failure", () => {
  it.each([
    ["the disk", printed("Error: writing blob: write /x/big: no space left on device")],
    ["the disk", Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })],
    ["Docker daemon", printed("ERROR: Cannot connect to the Docker daemon at unix:///x. Is it running?")],
    ["Docker daemon", printed("ERROR: failed to receive status: rpc error: code = Unavailable desc = EOF")],
    ["r.example runs", new RegistryError({ ...REGISTRY, detail: "connect ECONNREFUSED 127.0.0.1:5000" })],
    ["r.example runs", new RegistryError({ ...REGISTRY, status: 503 })],
    ["next run first finishes", new TagsStuckError("22 could not go back")],
    ["do this", new UserError("wrong", "do this")],
  ])("names %s", (words, error) => {
    expect(hintOf(error)).toContain(words);
  });

  it("is nothing where nobody knows", () => {
    expect(hintOf(printed("ERROR: unable to select packages: ghost (no such package)"))).toBeUndefined();
    expect(hintOf(new RegistryError({ ...REGISTRY, status: 404 }))).toBeUndefined();
    expect(hintOf(new UserError("wrong"))).toBeUndefined();
    expect(hintOf("thrown as it is")).toBeUndefined();
  });
});
