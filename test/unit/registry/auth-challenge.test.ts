import { expect, it } from "vitest";
import { parseChallenges } from "../../../scripts/registry/auth.ts";

it.each([
  [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth.example/token",
          service: "registry.example",
          scope: "repository:a/b:pull,push",
        },
      },
    ],
  ],
  ['BASIC Realm="say \\"hello\\""', [{ scheme: "basic", parameters: { realm: 'say "hello"' } }]],
  [
    'Negotiate, Bearer realm=https://a.example/t , service = "x", Basic realm=""',
    [
      { scheme: "negotiate", parameters: {} },
      { scheme: "bearer", parameters: { realm: "https://a.example/t", service: "x" } },
      { scheme: "basic", parameters: { realm: "" } },
    ],
  ],
  ["", []],
])("reads the challenges in %j", (header, expected) => {
  expect(parseChallenges(header)).toEqual(expected);
});
