import { beforeEach, describe, expect, it } from "vitest";
import {
  forgetSecrets,
  rememberEnvironment,
  rememberLogin,
  rememberSecret,
  withoutSecrets,
} from "../../../../scripts/system/shown/secrets.ts";

beforeEach(() => forgetSecrets());

describe("a secret", () => {
  it("is in no text, in none of the forms that protocols give it", () => {
    rememberSecret('pa"ss word&1');
    const base64 = Buffer.from('pa"ss word&1').toString("base64");
    for (const form of ['pa"ss word&1', "pa%22ss%20word%261", 'pa\\"ss word&1', base64]) {
      expect(withoutSecrets(`a ${form} b`)).toBe("a *** b");
    }
  });

  it("of a login is not in what HTTP sends either", () => {
    rememberLogin("robot", "hunter22");
    const basic = Buffer.from("robot:hunter22").toString("base64");
    expect(withoutSecrets(`Authorization: Basic ${basic}`)).toBe("Authorization: Basic ***");
  });

  it("is what the environment calls so", () => {
    rememberEnvironment({
      ...{
        COSIGN_PASSWORD: "cosign-pass",
        GITHUB_TOKEN: "ghs_abcdef",
        AWS_SECRET_ACCESS_KEY: "aws-secret-key",
      },
      ...{
        PATH: "/usr/bin",
        HTTP_AUTH: "basic:*:robot:mirror:pass",
        SHORT_TOKEN: "a",
        HOME: "/home/someone",
      },
    });
    const text = "cosign-pass ghs_abcdef aws-secret-key mirror:pass /usr/bin a /home/someone";
    expect(withoutSecrets(text)).toBe("*** *** *** *** /usr/bin a /home/someone");
  });

  it("in a URL is hidden, known or not", () => {
    expect(withoutSecrets("GET https://robot:s3cret@registry.example/v2/ failed")).toBe(
      "GET https://robot:***@registry.example/v2/ failed",
    );
    expect(withoutSecrets("http://registry.example:5000/a@b")).toBe("http://registry.example:5000/a@b");
  });

  it("takes no longer where a text is spiteful", () => {
    for (const piece of ["a://b:", "://", "a:", "https://a:b", "a"])
      withoutSecrets(piece.repeat(100_000 / piece.length));
  });
});
