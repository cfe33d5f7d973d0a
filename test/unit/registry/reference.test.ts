import { describe, expect, it } from "vitest";
import {
  isTag,
  parseNamespace,
  parseRepository,
  registryUrl,
  repositoryIn,
} from "../../../scripts/registry/reference.ts";
import { UserError } from "../../../scripts/system/errors.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("parseRepository", () => {
  it.each([
    ["registry.example/base/node", "registry.example", "base/node"],
    ["127.0.0.1:5000/node", "127.0.0.1:5000", "node"],
    ["localhost/a/b/c", "localhost", "a/b/c"],
    ["[::1]:5000/node", "[::1]:5000", "node"],
    ["Registry.Example/node", "registry.example", "node"],
    ["r.example:443/n", "r.example:443", "n"],
    ["alpine", "docker.io", "library/alpine"],
    ["docker.io/alpine", "docker.io", "library/alpine"],
    ["index.docker.io/me/x", "docker.io", "me/x"],
    ["me/x", "docker.io", "me/x"],
  ])("reads %s", (text, registry, repository) => {
    expect(parseRepository(text)).toEqual({ registry, repository });
  });

  it.each([
    ["", /not a repository/],
    ["r.example/", /not a repository/],
    ["r.example/Node", /"Node" is not a repository/],
    ["r.example/a//b", /not a repository/],
    ["r.example/../b", /not a repository/],
    ["r.example/n:22", /"n:22" is not a repository/],
    [`r.example/n@${DIGEST}`, /not a repository/],
    [`r.example/${"n".repeat(256)}`, /not a repository/],
    ["https://r.example/n", /"https:" is not a registry's host/],
    ["-r.example/n", /not a registry's host/],
  ])("refuses %j", (text, message) => {
    expect(() => parseRepository(text)).toThrow(UserError);
    expect(() => parseRepository(text)).toThrow(message);
  });
});

describe("isTag", () => {
  it.each(["22", "1.2-dev", "_x", "x".repeat(128)])("takes %s", (text) => {
    expect(isTag(text)).toBe(true);
  });

  it.each(["", "-x", "a/b", "x".repeat(129)])("refuses %j", (text) => {
    expect(isTag(text)).toBe(false);
  });
});

describe("parseNamespace", () => {
  it.each([
    ["registry.example/base/", { registry: "registry.example", path: "base" }],
    ["127.0.0.1:5000", { registry: "127.0.0.1:5000", path: "" }],
    ["localhost/a/b", { registry: "localhost", path: "a/b" }],
    ["docker.io/me", { registry: "docker.io", path: "me" }],
  ])("reads %s", (text, expected) => {
    expect(parseNamespace(text)).toEqual(expected);
  });

  it.each([
    ["acme", "write docker.io/acme if Docker Hub is meant"],
    ["http://r.example/base", "expected HOST[:PORT]/NAMESPACE"],
    ["r.example/Base", "expected HOST[:PORT]/NAMESPACE"],
    ["r.example/base:22", "expected HOST[:PORT]/NAMESPACE"],
    ["docker.io", "expected docker.io/NAMESPACE"],
    ["", "if Docker Hub is meant"],
  ])("refuses %j, and says what to write", (text, hint) => {
    const refusal = expect(() => parseNamespace(text));
    refusal.toThrow(UserError);
    refusal.toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  it("puts an image under its path, if it has one", () => {
    expect(repositoryIn({ registry: "r.example", path: "base" }, "node")).toBe("base/node");
    expect(repositoryIn({ registry: "r.example", path: "" }, "node")).toBe("node");
  });
});

describe("registryUrl", () => {
  it.each([
    ["127.0.0.1:5000", "http://127.0.0.1:5000/"],
    ["127.9.9.9", "http://127.9.9.9/"],
    ["localhost:5000", "http://localhost:5000/"],
    ["[::1]:5000", "http://[::1]:5000/"],
    ["registry.example:5000", "https://registry.example:5000/"],
    ["127.0.0.1.example", "https://127.0.0.1.example/"],
    ["10.0.0.1:5000", "https://10.0.0.1:5000/"],
    ["docker.io", "https://registry-1.docker.io/"],
  ])("of %s is %s", (registry, url) => {
    expect(registryUrl(registry).href).toBe(url);
  });
});
