import { describe, expect, it } from "vitest";
import { mentions } from "../../../scripts/smoke/checks.ts";

describe("mentions", () => {
  it.each([
    ["v22.16.0\n", "22.16.0"],
    ["Lua 5.1.5  Copyright (C) 1994-2012 Lua.org, PUC-Rio", "5.1.5"],
    ["ruby 3.3.8 (2025-04-09 revision b200bad6cd) [x86_64-linux-musl]", "3.3.8"],
    ["go version go1.24.6 linux/amd64", "1.24.6"],
    ["this is version 22.16.0.", "22.16.0"],
    ["gcc (Alpine 14.2.0) 14.2.0", "14.2.0"],
    ["22.16.0", "22.16.0"],
    ["first 122.16.0, then 22.16.0", "22.16.0"],
  ])("finds in %j the version %s", (text, version) => {
    expect(mentions(text, version)).toBe(true);
  });

  it.each([
    ["122.16.01", "22.16.0"],
    ["v22.16.01", "22.16.0"],
    ["v122.16.0", "22.16.0"],
    ["v22.16.0.1", "22.16.0"],
    ["v1.22.16.0", "22.16.0"],
    ["v22.16.1", "22.16.0"],
    ["v22x16x0", "22.16.0"],
    ["", "22.16.0"],
  ])("does not find in %j the version %s", (text, version) => {
    expect(mentions(text, version)).toBe(false);
  });
});
