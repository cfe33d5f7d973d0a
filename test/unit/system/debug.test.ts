import { describe, expect, it } from "vitest";
import { bareUrl, commandText, requestText, stackOf } from "../../../scripts/system/debug.ts";

describe("what --debug tells", () => {
  it("of a command is what can be pasted, and how it ended", () => {
    const ran = { argv: ["buildah", "push", "a b"], exitCode: 1, milliseconds: 1234 };
    expect(commandText(ran)).toBe("ran buildah push 'a b' (exit code 1, 1.2s)");
  });

  it("of a request is no name, password or query", () => {
    const url = new URL("https://robot:hunter22@r.example/v2/?token=hunter22#hunter22");
    expect(bareUrl(url)).toBe("https://r.example/v2/?…");
    const answered = { method: "GET", url, status: 401, milliseconds: 100 };
    expect(requestText(answered)).toBe("GET https://r.example/v2/?… → 401 (0.1s)");
    expect(requestText({ method: "GET", url, milliseconds: 100 })).toBe(
      "GET https://r.example/v2/?… → no answer (0.1s)",
    );
  });

  it("of an error is where it comes from, and its causes, though they go round", () => {
    const cause = new Error("inner");
    const error = new Error("outer", { cause });
    cause.cause = error;
    const stack = stackOf(error);
    expect(stack).toContain("Error: outer");
    expect(stack).toContain("caused by: Error: inner");
    expect(stack).toContain("debug.test.ts");
  });
});
