import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../scripts/system/process/process.ts";

/** An image as one root: path → type, mode, owner, size and link, as tar tells them. @param folder as skopeo copies it */
export async function filesIn(folder: string): Promise<Map<string, string>> {
  const { layers } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const files = new Map<string, string>();
  for (const { digest } of layers as { digest: string }[]) {
    const blob = join(folder, digest.replace("sha256:", ""));
    const { stdout } = await run(["tar", "-tvzf", blob, "--numeric-owner", "--full-time"]);
    for (const line of stdout.trimEnd().split("\n")) {
      const [mode = "", owner = "", size = "", , , ...path] = line.split(/ +/);
      const [name = "", target] = path.join(" ").split(" -> ");
      files.set(name.replace(/^\.?\/|\/$/g, ""), [mode, owner, size, target].filter(Boolean).join(" "));
    }
  }
  return files;
}
