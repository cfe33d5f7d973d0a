import { describe, expect, it } from "vitest";
import { messageOf, UserError } from "../../../scripts/system/errors.ts";
import { HttpError } from "../../../scripts/system/http/error.ts";
import { errorOfDocument, errorOfImage, noAnswer, problemOf } from "../../../scripts/upstream/words.ts";

const failure = (code: string, message: string) => Object.assign(new Error(message), { code });

describe("the words of a failure", () => {
  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /NODE_EXTRA_CA_CERTS/],
    ["CERT_HAS_EXPIRED", /NODE_EXTRA_CA_CERTS/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /NODE_EXTRA_CA_CERTS/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /NODE_EXTRA_CA_CERTS/],
    ["EPROTO", /perhaps the server speaks http/],
    ["ENOTFOUND", /this machine's network/],
    ["ECONNREFUSED", /try again later/],
  ])("on %s say what to do", (code, advice) => {
    expect(noAnswer(failure(code, "what happened\n"))).toMatch(/^no answer: what happened \(.*\)$/);
    expect(noAnswer(failure(code, ""))).toMatch(advice);
  });

  it("are one line with the advice that came with them", () => {
    expect(problemOf(new UserError("one\n  two", "mend it"))).toBe("one; two (mend it)");
    expect(problemOf(new Error("one"))).toBe("one");
  });
});

describe("the error of what could not be had", () => {
  const failed = (code: string, path: string) =>
    new Error("no answer", { cause: new HttpError(new URL(path, "https://m.example"), "why", code) });

  it.each(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "CERT_HAS_EXPIRED"])(
    "names the server alone where that could not be reached: %s",
    (code) => {
      const messages = ["/a", "/b"].map((path) =>
        messageOf(errorOfDocument(`https://m.example${path}`, failed(code, path))),
      );
      expect(new Set(messages)).toEqual(new Set(["https://m.example: no answer"]));
    },
  );

  it.each(["HTTP_DEADLINE", "ECONNRESET"])("names the document where the server has it: %s", (code) => {
    const error = errorOfDocument("https://m.example/a", failed(code, "/a"));
    expect(error.message).toBe("https://m.example/a: no answer");
    expect(errorOfDocument("https://m.example/a", new Error("it is damaged")).message).toBe(
      "https://m.example/a: it is damaged",
    );
  });

  it("names the document where its server led to another, which the catalog does not name", () => {
    const elsewhere = new HttpError(new URL("https://cdn.example/a?x"), "why", "ENOTFOUND");
    const error = errorOfDocument("https://m.example/a", new Error("no answer", { cause: elsewhere }));
    expect(error.message).toBe("https://m.example/a: no answer");
  });

  it("names what an image's registry sends to for a login, where that could not be reached", () => {
    const login = new HttpError(new URL("https://auth.example/token"), "not trusted", "CERT_HAS_EXPIRED");
    expect(messageOf(errorOfImage("m.example/alpine", "https://m.example", login))).toMatch(
      /^m\.example\/alpine: no answer: https:\/\/auth\.example\/token: not trusted \(if the server is yours/,
    );
  });

  it("names an image without its tag where its registry could not be reached, and else is as it was", () => {
    const image = "docker.io/library/alpine";
    expect(messageOf(errorOfImage(image, "https://m.example", failed("ENOTFOUND", "/v2")))).toBe(
      `${image}: no answer: why (check the address in the catalog's sources, and this machine's network)`,
    );
    const other = new Error("no such tag");
    expect(errorOfImage(image, "https://m.example", other)).toBe(other);
  });
});
