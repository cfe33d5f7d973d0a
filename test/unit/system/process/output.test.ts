import { describe, expect, it } from "vitest";
import { BoundedText, OutputCollector } from "../../../../scripts/system/process/output.ts";

describe("a text that may be long", () => {
  it("is kept whole up to its bound", () => {
    const text = new BoundedText(3, 4);
    for (const piece of ["ab", "cde", "fg"]) text.add(piece);
    expect(text.toString()).toBe("abcdefg");
  });

  it("keeps its head and its tail, and says how much is missing", () => {
    const text = new BoundedText(3, 4);
    for (let i = 0; i < 1000; i++) text.add("0123456789");
    expect(text.toString()).toBe("012\n… 9993 characters left out …\n6789");
  });
});

describe("what a command printed", () => {
  it("is kept as it came, each stream apart and both together", () => {
    const collector = new OutputCollector();
    collector.add("stdout", "a\n");
    collector.add("stderr", "b\n");
    collector.add("stdout", "c\n");
    expect(collector.printed).toEqual({ stdout: "a\nc\n", stderr: "b\n", output: "a\nb\nc\n" });
    expect(collector.isTooLong).toBe(false);
  });

  it("is kept no further than the bound, and says so", () => {
    const collector = new OutputCollector(5);
    for (const piece of ["abc", "def", "ghi"]) collector.add("stdout", piece);
    expect(collector.isTooLong).toBe(true);
    expect(collector.printed.stdout).toBe("abc");
    expect(collector.printed.output).toBe("abc\nit printed more than 5 characters, and was stopped\n");
  });
});
