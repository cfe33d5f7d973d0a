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

/** The SHA-256 of each regular file of an image, by its path. @param folder as skopeo copies it */
export async function contentsIn(folder: string): Promise<Map<string, string>> {
  const { layers } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const contents = new Map<string, string>();
  for (const { digest } of layers as { digest: string }[]) {
    const blob = join(folder, digest.replace("sha256:", ""));
    const each = 'printf "%s " "$TAR_FILENAME"; sha256sum';
    const { stdout } = await run(["tar", "-xzf", blob, `--to-command=${each}`]);
    for (const [, path = "", hash = ""] of stdout.matchAll(/^(.*) ([0-9a-f]{64}) {2}-$/gm)) {
      contents.set(path.replace(/^\.?\/|\/$/g, ""), hash);
    }
  }
  return contents;
}
