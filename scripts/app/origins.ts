import { dirname, join, relative } from "node:path";
import type { Origin } from "../model/origin.ts";
import type { Target } from "../model/target.ts";
import { dockerfileOf } from "../render/files.ts";
import { tryRun } from "../system/process/process.ts";
import type { Making } from "../trust/provenance.ts";

/** Runs git and gives what it printed; undefined where it fails, as where there is none. */
type Git = (...words: readonly string[]) => Promise<string | undefined>;

/**
 * Opens what tells where Dockerfiles come from. It asks git, which never goes to the network for this.
 * @param images the folder of the rendered Dockerfiles
 */
export async function openOrigins(
  images: string,
  run = tryRun,
): Promise<(target: Target) => Promise<Origin>> {
  const git = gitIn(dirname(images), run);
  const [top, shallow] =
    (await git("rev-parse", "--show-toplevel", "--is-shallow-repository"))?.split("\n") ?? [];
  if (top === undefined) return async () => ({});
  const url = webAddress((await git("remote", "get-url", "origin")) ?? "");
  return async (target) => {
    const path = join(images, dockerfileOf(target));
    // Of a shallow clone's oldest commit git says that it changed everything.
    const revision = shallow === "true" ? undefined : await revisionOf(path, git);
    return {
      ...(url !== undefined && { url }),
      ...(revision !== undefined && { revision }),
      folder: relative(top, join(images, target.image)),
    };
  };
}

/** What is checked out where a catalog is, for provenances; no commit where anything in the folder differs from it. */
export async function checkedOut(
  images: string,
  run = tryRun,
): Promise<Pick<Making, "repository" | "commit">> {
  const git = gitIn(dirname(images), run);
  const commit = await git("rev-parse", "HEAD");
  if (commit === undefined) return {};
  const isClean = (await git("status", "--porcelain", "--", ".")) === "";
  const repository = webAddress((await git("remote", "get-url", "origin")) ?? "");
  return { ...(repository !== undefined && { repository }), ...(isClean && { commit }) };
}

function gitIn(directory: string, run: typeof tryRun): Git {
  return async (...words) => {
    const { exitCode, stdout } = await run(["git", "-C", directory, ...words]);
    return exitCode === 0 ? stdout.trim() : undefined;
  };
}

/** The last commit that changed a file; undefined where it is in none, or was changed since. */
async function revisionOf(path: string, git: Git): Promise<string | undefined> {
  if ((await git("status", "--porcelain", "--", path)) !== "") return undefined;
  return (await git("log", "-1", "--format=%H", "--", path)) || undefined;
}

/** How git writes an address for ssh: `git@github.com:birdhouse/images.git`. */
const SSH = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/;

/**
 * The web address of a repository, by the address that git fetches it from; undefined of one that is on this machine.
 * Pure. A password or token in it is no part of that.
 */
export function webAddress(remote: string): string | undefined {
  const [, host, way = ""] = SSH.exec(remote) ?? [];
  const text = host === undefined ? remote : `ssh://${host}/${way}`;
  if (!/^(?:https|ssh|git):\/\//.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, pathname, port, protocol } = new URL(text);
  const place = protocol === "https:" && port !== "" ? `${hostname}:${port}` : hostname;
  const path = pathname.replace(/(?<!\/)\/+$/, "").replace(/\.git$/, "");
  return path === "" ? undefined : `https://${place}${path}`;
}
