import { expect, it } from "vitest";
import { parseEcrHost } from "../../../../scripts/registry/ecr/rules.ts";

it.each([
  ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
  ["123456789012.dkr-ecr.us-west-2.on.aws", "us-west-2"],
])("%s is an ECR registry in %s", (host, region) => {
  expect(parseEcrHost(host)).toEqual({ account: "123456789012", region });
});

it.each([
  "public.ecr.aws",
  "ghcr.io",
  "dkr.ecr.eu-west-1.amazonaws.com",
  "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
])("%s is none", (host) => {
  expect(parseEcrHost(host)).toBeUndefined();
});
