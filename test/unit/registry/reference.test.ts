import { describe, expect, it } from "vitest";
import {
  formatReference,
  parseNamespace,
  parseReference,
  registryUrl,
  repositoryIn,
} from "../../../scripts/registry/reference.ts";
import { UserError } from "../../../scripts/system/errors.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("parseReference", () => {
  it.each([
    ["registry.example/base/node:22", { registry: "registry.example", repository: "base/node", tag: "22" }],
    ["127.0.0.1:5000/node", { registry: "127.0.0.1:5000", repository: "node" }],
    ["localhost/a/b/c:1.2-dev", { registry: "localhost", repository: "a/b/c", tag: "1.2-dev" }],
    ["[::1]:5000/node:22", { registry: "[::1]:5000", repository: "node", tag: "22" }],
    ["Registry.Example/node", { registry: "registry.example", repository: "node" }],
    [`r.example/n@${DIGEST}`, { registry: "r.example", repository: "n", digest: DIGEST }],
    [`r.example:443/n:1@${DIGEST}`, { registry: "r.example:443", repository: "n", tag: "1", digest: DIGEST }],
    ["alpine:3.22", { registry: "docker.io", repository: "library/alpine", tag: "3.22" }],
    ["docker.io/alpine", { registry: "docker.io", repository: "library/alpine" }],
    ["index.docker.io/me/x", { registry: "docker.io", repository: "me/x" }],
    ["me/x", { registry: "docker.io", repository: "me/x" }],
  ])("reads %s", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    ["", /not a repository/],
    ["r.example/", /not a repository/],
    ["r.example/Node", /"Node" is not a repository/],
    ["r.example/a//b", /not a repository/],
    ["r.example/../b", /not a repository/],
    ["r.example/n:", /"" is not a tag/],
    ["r.example/n:-x", /"-x" is not a tag/],
    [`r.example/n:${"x".repeat(129)}`, /not a tag/],
    ["r.example/n@sha256:123", /not a sha256 digest/],
    [`r.example/n@${DIGEST}@${DIGEST}`, /not a sha256 digest/],
    ["https://r.example/n", /"https:" is not a registry's host/],
    ["-r.example/n", /not a registry's host/],
  ])("refuses %j", (text, message) => {
    expect(() => parseReference(text)).toThrow(UserError);
    expect(() => parseReference(text)).toThrow(message);
  });

  it("is written back as it was read", () => {
    const text = `r.example:5000/a/n:22@${DIGEST}`;
    expect(formatReference(parseReference(text))).toBe(text);
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
