import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { openTerminal } from "../../../scripts/app/init-terminal.ts";

describe("questions on a terminal", () => {
  it("show what is offered, which an empty line takes", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const { ask, close } = openTerminal(input, output);
    const answer = async (text: string) => {
      const answered = ask("Where?", "here");
      input.write(`${text}\n`);
      return answered;
    };
    expect(await answer("")).toBe("here");
    expect(await answer(" there ")).toBe("there");
    expect(String(output.read())).toContain("Where? [here] ");
    close();
  });

  it("end where the terminal does", async () => {
    const input = new PassThrough();
    const { ask } = openTerminal(input, new PassThrough());
    const answer = ask("Where?", "here");
    input.end();
    await expect(answer).rejects.toThrow("nothing was written");
  });
});
