import { describe, expect, it } from "vitest";
import { UserError } from "../../../scripts/system/errors.ts";
import { noAnswer, problemOf } from "../../../scripts/upstream/words.ts";

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
