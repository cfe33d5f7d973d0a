import { afterEach, describe, expect, it, vi } from "vitest";
import { ensureTools, isInstalled } from "../../../../scripts/system/process/tools.ts";

afterEach(() => vi.unstubAllEnvs());

describe("isInstalled", () => {
  it("looks for a program on the PATH", async () => {
    expect(await isInstalled("sh")).toBe(true);
    expect(await isInstalled("no-such-program")).toBe(false);
  });
});

describe("ensureTools", () => {
  it("does nothing when all are there", async () => {
    const onProgress = vi.fn();
    await ensureTools(["sh"], { onProgress });
    expect(onProgress).not.toHaveBeenCalled();
  });

  it("names what is missing, and its packages, where it cannot install them", async () => {
    vi.stubEnv("PATH", "/nowhere");
    await expect(ensureTools(["docker-registry", "setpriv"])).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("docker-registry, setpriv"),
      hint: "install it with: apt-get install --no-install-recommends docker-registry util-linux",
    });
  });
});
