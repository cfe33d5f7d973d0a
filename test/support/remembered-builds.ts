import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_STATE } from "./world.ts";

/** What was built since the tests began is in a folder of that run of them: a folder for each image, an OCI layout. */
const REMEMBERED = join(PROJECT_STATE, "test/built");
const VARIABLE = "BIRDHOUSE_TEST_BUILT";

/** Before all tests: gives this run of them its folder. @returns removes it */
export async function openMemoryOfBuilds(): Promise<() => Promise<void>> {
  for (const pid of await readdir(REMEMBERED).catch(() => [])) {
    if (!existsSync(`/proc/${pid}`)) await rm(join(REMEMBERED, pid), { recursive: true, force: true });
  }
  const folder = join(REMEMBERED, String(process.pid));
  // The processes that run test files have our environment.
  process.env[VARIABLE] = folder;
  return () => rm(folder, { recursive: true, force: true });
}

/**
 * Lets this file's runs take an image from where it lies if the same Dockerfile was built before, by this file or
 * another one, from the same base and the same packages: most tests are about what becomes of an image, and a build
 * takes seconds of both cores. It is buildah's own export, and smoke tests run it as ever.
 *
 * Not for tests of the engine, of an interrupted build, or with packages that move: those build each time.
 * @returns the `PATH` without it, for a run that is to build all the same
 */
export function rememberBuilds(): string {
  const whole = process.env.PATH ?? "";
  const kept = process.env[VARIABLE];
  if (kept === undefined) throw new Error(`${VARIABLE} is not set: prepare-sandbox.ts does so`);
  const folder = join(kept, "bin");
  mkdirSync(folder, { recursive: true });
  // Made anew by each file, and the same each time: a process that starts it finds it whole.
  const program = join(folder, "buildah");
  const made = `${program}.${process.pid}`;
  writeFileSync(made, script(kept, whole));
  chmodSync(made, 0o755);
  renameSync(made, program);
  process.env.PATH = `${folder}:${whole}`;
  return whole;
}

/**
 * A build is known by its Dockerfile, the files beside it and its options, but for names, places and ports. A shared
 * stage is known by what stands before the image's own, and built after all by the first build that begins with it: it
 * knows where this world's packages are.
 * What is pushed is kept whole, whatever other builds had compressed before.
 */
function script(kept: string, path: string): string {
  return `#!/bin/sh
PATH='${path}'
own() { buildah --root "$root" --runroot "$runroot" "$@"; }
for word; do
  case "$before" in
    --root) root=$word ;;
    --runroot) runroot=$word ;;
    --tag) tag=$word ;;
    --file) file=$word ;;
    --target) target=$word ;;
    --build-context) shared=\${word#*=container-image://} ;;
    *) options="$options $word" ;;
  esac
  before=$word
done
names=$root/../remembered
case " $* " in
  *" build "*)
    key=$({
      echo "\${options% *}" | sed 's/127\\.0\\.0\\.1:[0-9]*/HOST/g; s/alpine@sha256:[0-9a-f]*/alpine/'
      if [ -n "$target" ]; then
        echo "$target" && sed '/^#/d; /^FROM tools /,$d' "$file"
      else
        cat "$file"
        cd "$word" && find . -type f | sort | xargs -d '\\n' sha256sum
      fi
    } | sha256sum | cut -c 1-32)
    case $tag in
      oci:*)
        # An image that is written into its layout at once.
        layout=\${tag#oci:}
        if ! [ -d '${kept}'/"$key" ]; then
          new=$(mktemp -d '${kept}/new-XXXXXX') || exit 1
          for word; do
            shift
            [ "$word" = "$tag" ] && word=oci:$new
            set -- "$@" "$word"
          done
          buildah "$@" || exit 1
          mv -T "$new" '${kept}'/"$key" 2> /dev/null || rm -r "$new"
        fi
        mkdir -p "$layout" && exec cp -rf '${kept}'/"$key"/. "$layout" ;;
    esac
    mkdir -p "$names/localhost"
    echo "$key" > "$names/$tag"
    printf '%s\\0' "$@" > "$names/$tag.argv"
    [ -d '${kept}'/"$key" ] && exit 0
    if [ -n "$shared" ] && ! own inspect --type image "$shared" > /dev/null 2>&1; then
      xargs -0 buildah < "$names/$shared.argv" >&2 || exit 1
    fi ;;
  *" push "*)
    layout=\${word#oci:}
    tag=\${options#*--format oci }
    tag=\${tag% *}
    key=$(cat "$names/$tag") || exit 1
    if ! [ -d '${kept}'/"$key" ]; then
      new=$(mktemp -d '${kept}/new-XXXXXX') || exit 1
      own push --format oci "$tag" "oci:$new" || exit 1
      mv -T "$new" '${kept}'/"$key" 2> /dev/null || rm -r "$new"
    fi
    mkdir -p "$layout" && exec cp -rf '${kept}'/"$key"/. "$layout" ;;
esac
exec buildah "$@"
`;
}
