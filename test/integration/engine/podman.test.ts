import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { openPodman } from "../../../scripts/engine/podman.ts";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import { timeOutWhen } from "../../support/time-out-when.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

it("podman's container does not outlive a test that hangs", async () => {
  const directory = await temporaryDirectory();
  const log = join(directory, "calls");
  await writeFile(
    join(directory, "podman"),
    `#!/bin/sh
echo "$*" >> ${log}
case " $* " in
  *" pull "*) echo 0123abcd ;;
  *" run "*) exec sleep 60 ;;
esac
`,
  );
  await chmod(join(directory, "podman"), 0o755);
  await mkdir(join(directory, "layout"));
  vi.stubEnv("PATH", `${directory}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const engine = await openPodman(join(directory, "stores"));
  const container = await engine.open({
    ...{ name: "node-22", layout: join(directory, "layout"), platform: hostPlatform() },
    manifest: { mediaType: "", digest: `sha256:${"a".repeat(64)}`, size: 2 },
  });
  const signal = timeOutWhen(() => readFile(log, "utf8"), " run ");
  await expect(container.run(["node", "-v"], { signal })).rejects.toThrow(/timeout/);
  await engine.close();
  const calls = (await readFile(log, "utf8")).trim().split("\n");
  const name = / run .* --name (\S+) /.exec(calls.find((call) => call.includes(" run ")) ?? "")?.[1] ?? "";
  expect(name).toMatch(/^birdhouse-/);
  expect(calls.at(-1)).toMatch(new RegExp(` rm --force ${name}$`));
});
