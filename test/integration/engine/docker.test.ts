import { access, chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openDocker, pruneDocker } from "../../../scripts/engine/docker.ts";
import { loadedRepository } from "../../../scripts/engine/loaded-images.ts";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import { timeOutWhen } from "../../support/time-out-when.ts";
import { sampleRequest } from "../../unit/engine/sample-request.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

/** A docker that writes down its arguments; `run` prints nothing and does not end by itself. */
async function fakeDocker(
  images: readonly string[] = [],
): Promise<{ calls: () => Promise<string[]>; directory: string }> {
  const directory = await temporaryDirectory();
  const log = join(directory, "calls");
  const info = JSON.stringify({
    ServerVersion: "26",
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
  });
  await writeFile(
    join(directory, "docker"),
    `#!/bin/sh
echo "$*" >> ${log}
case "$1 $2" in
  "info "*) echo '${info}' ;;
  "image ls") printf '%s\\n' ${images.map((name) => `'${name}'`).join(" ")} ;;
  "run "*) exec sleep 60 ;;
  "buildx build")
    echo "at $SOURCE_DATE_EPOCH" >> ${log}
    for word in "$@"; do
      case "$word" in type=oci,*) dest=\${word#*dest=} dest=\${dest%%,*} ;; esac
    done
    mkdir -p "$dest"
    echo '{"imageLayoutVersion":"1.0.0"}' > "$dest/oci-layout"
    echo '{"schemaVersion":2,"manifests":[{"mediaType":"m","size":2,"digest":"${DIGEST}"}]}' > "$dest/index.json"
    ;;
esac
`,
  );
  await chmod(join(directory, "docker"), 0o755);
  vi.stubEnv("PATH", `${directory}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { directory, calls: async () => (await readFile(log, "utf8")).trim().split("\n") };
}

async function emptyLayout(directory: string): Promise<string> {
  await mkdir(join(directory, "layout/blobs"), { recursive: true });
  return join(directory, "layout");
}

describe("docker", () => {
  it("runs an image by its digest under a name of this run, and removes what hangs", async () => {
    const { calls, directory } = await fakeDocker();
    const engine = await openDocker();
    const container = await engine.open({
      ...{ name: "node-22", layout: await emptyLayout(directory), platform: hostPlatform() },
      manifest: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: DIGEST, size: 2 },
    });
    const signal = timeOutWhen(async () => (await calls()).join("\n"), `@${DIGEST} -v`);
    await expect(container.run(["node", "-v"], { signal })).rejects.toThrow(/timeout/);
    await container.remove();
    const told = await calls();
    const started = told.find((call) => call.startsWith("run ")) ?? "";
    expect(started).toContain(` --pull never `);
    expect(started.endsWith(` ${loadedRepository("node-22")}@${DIGEST} -v`)).toBe(true);
    const name = / --name (\S+) /.exec(started)?.[1] ?? "";
    expect(told).toContain(`rm --force ${name}`);
    expect(told.at(-1)).toMatch(new RegExp(`^image rm --force ${loadedRepository("node-22")}:`));
  });

  it("builds what images share once, at a time of its own, and has each begin with those very bytes", async () => {
    const { calls, directory } = await fakeDocker();
    const engine = await openDocker();
    for (const name of ["node", "lua"]) {
      await engine.build(sampleRequest({ layout: join(directory, name), time: name === "node" ? 8 : 9 }));
    }
    const builds = (await calls()).filter((call) => /^buildx build|^at /.test(call));
    const times = builds.filter((call) => call.startsWith("at "));
    expect(times).toEqual(["at 1600000000", "at 8", "at 9"]);
    const [stage = "", node = "", lua = ""] = builds.filter((call) => call.startsWith("buildx"));
    const layout = / --output type=oci,tar=false,dest=([^,]+),rewrite-timestamp=true/.exec(stage)?.[1] ?? "";
    expect(stage).toContain(" --target tools --no-cache ");
    for (const build of [node, lua]) {
      const context = ` --build-context tools=oci-layout://${layout}@${DIGEST} --no-cache-filter image `;
      expect(build).toContain(context);
    }
    await access(layout);
    await engine.close();
    await expect(access(layout)).rejects.toThrow("ENOENT");
  });

  it("leaves images of runs that may still be at work to them", async () => {
    const own = `${loadedRepository("node-22")}:linux-amd64`;
    const elsewhere = "birdhouse.invalid/run-00000000000000000000000000000000-1-2-3/node-22:linux-amd64";
    const gone = own.replace(/-\d+\/node/, "-1/node");
    const { calls } = await fakeDocker([own, elsewhere, gone, "postgres:17"]);
    await pruneDocker({ layouts: 7, disk: 1, runs: 1 });
    expect((await calls()).filter((call) => call.startsWith("image rm"))).toEqual([
      `image rm --force ${gone}`,
    ]);
  });
});
