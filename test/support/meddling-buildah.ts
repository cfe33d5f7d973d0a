import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A buildah that, before its first build, does something else first: what a person may do while a run is at work.
 * @param directory where it may put its program and its notes
 * @param script lines of a shell
 * @returns the `PATH` with it before the system's
 */
export async function meddleBefore(directory: string, script: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const program = join(directory, "buildah");
  const text = `#!/bin/sh
case " $* " in *" build "*)
  if mkdir '${directory}/once' 2> /dev/null; then
    (${script}) > '${directory}/said' 2>&1 && touch '${directory}/done'
  else
    while ! [ -e '${directory}/done' ]; do sleep 0.05; done
  fi ;;
esac
PATH='${process.env.PATH}' exec buildah "$@"
`;
  await writeFile(program, text);
  await chmod(program, 0o755);
  return `${directory}:${process.env.PATH}`;
}
