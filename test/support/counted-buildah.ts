import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A buildah that notes what it is asked to build, and builds it. */
export interface CountedBuildah {
  /** The `PATH` with it before the system's. */
  readonly path: string;
  /** The targets built since the last time, as the engine names them: `wren-2-dev`. */
  taken(): Promise<string[]>;
}

/** @param directory where it may put its program and its notes */
export async function countBuilds(directory: string): Promise<CountedBuildah> {
  await mkdir(directory, { recursive: true });
  const [program, notes] = [join(directory, "buildah"), join(directory, "notes")];
  const script = `#!/bin/sh
for word; do
  case "$word" in
    localhost/*:linux-* | oci:*/export-linux-*) case " $* " in *" build "*) echo "$word" >> '${notes}' ;; esac ;;
  esac
done
PATH='${process.env.PATH}' exec buildah "$@"
`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  return {
    path: `${directory}:${process.env.PATH}`,
    async taken() {
      const text = await readFile(notes, "utf8").catch(() => "");
      await writeFile(notes, "");
      return text
        .split("\n")
        .flatMap((word) => targetOf(word))
        .sort();
    },
  };
}

/** By its name in the store, or by the layout that it is written into. */
function targetOf(word: string): string[] {
  const [, name] = /^localhost\/(.*):linux-/.exec(word) ?? [];
  if (name !== undefined) return [name];
  const [, image, version, variant] = /\/([^/]+)\/([^/]+)\/([^/]+)\/export-linux-[^/]*$/.exec(word) ?? [];
  if (image === undefined) return [];
  return [variant === "runtime" ? `${image}-${version}` : `${image}-${version}-${variant}`];
}
