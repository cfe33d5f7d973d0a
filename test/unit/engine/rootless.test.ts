import { describe, expect, it } from "vitest";
import { idsIn, requireUserIds } from "../../../scripts/engine/rootless.ts";

const answering =
  (exitCode: number, stdout: string, stderr = "") =>
  async () => ({
    ...{ exitCode, stdout, stderr },
    output: `${stdout}${stderr}`,
  });
const never = () => Promise.reject(new Error("it was asked"));

/** As buildah 1.28 has it for a user with a range in /etc/subuid. */
const ENOUGH = "         0       1000          1\n         1     100000      65536\n";

describe("a plain user", () => {
  it("may build with user ids of their own, and root without asking", async () => {
    await requireUserIds("buildah", 1000, answering(0, ENOUGH));
    await requireUserIds("buildah", 0, never);
  });

  it.each([
    [answering(0, "         0       1000          1\n"), "it has 1 of the 65536 user ids that images need"],
    [
      answering(1, "", "warning\nError: cannot clone: Operation not permitted\n"),
      "Error: cannot clone: Operation not permitted",
    ],
  ])("is told in one line why not, and what to do", async (run, why) => {
    await expect(requireUserIds("podman", 1000, run)).rejects.toMatchObject({
      message: `user 1000 cannot build with podman: ${why}`,
      hint: expect.stringContaining("usermod --add-subuids"),
    });
  });

  it("has as many ids as the lines of a map say together", () => {
    expect(idsIn(ENOUGH)).toBe(65_537);
    expect(idsIn("")).toBe(0);
  });
});
