import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../scripts/system/process/process.ts";

/** An image as one root: path → type, mode, owner, size and link, as tar tells them. @param folder as skopeo copies it */
export async function filesIn(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const blob of await layersIn(folder)) {
    const { stdout } = await run(["tar", "-tvzf", blob, "--numeric-owner", "--full-time"]);
    for (const line of stdout.trimEnd().split("\n")) {
      const [mode = "", owner = "", size = "", , , ...path] = line.split(/ +/);
      const [name = "", target] = path.join(" ").split(" -> ");
      files.set(plainPath(name), [mode, owner, size, target].filter(Boolean).join(" "));
    }
  }
  return files;
}

/** The SHA-256 of each regular file of an image, by its path. @param folder as skopeo copies it */
export async function contentsIn(folder: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const blob of await layersIn(folder)) {
    const each = 'printf "%s " "$TAR_FILENAME"; sha256sum';
    const { stdout } = await run(["tar", "-xzf", blob, `--to-command=${each}`]);
    for (const [, path = "", hash = ""] of stdout.matchAll(/^(.*) ([0-9a-f]{64}) {2}-$/gm)) {
      contents.set(plainPath(path), hash);
    }
  }
  return contents;
}

/** The files that layers are in, the lowest first. @param folder as skopeo copies an image */
export async function layersIn(folder: string): Promise<string[]> {
  const { layers } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as {
    layers: { digest: string }[];
  };
  return layers.map(({ digest }) => join(folder, digest.replace("sha256:", "")));
}

/** As seen from the root: `usr/bin`. */
function plainPath(path: string): string {
  return path.replace(/^\.?\/|\/$/g, "");
}
