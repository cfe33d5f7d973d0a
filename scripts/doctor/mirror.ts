import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readIndexFile } from "../formats/alpine/index.ts";
import { loadKeys } from "../formats/alpine/keys.ts";
import { apkArchitecture, hostPlatform } from "../model/platform.ts";
import { messageOf } from "../system/errors.ts";
import { reasonOf } from "../system/http/error.ts";
import { ask } from "../system/http/http.ts";
import { count } from "../system/shown/format.ts";
import { authorizationOf, parseHttpAuth } from "../upstream/http-auth.ts";
import { badAnswer } from "../upstream/words.ts";
import { type Check, type Finding, findingOf } from "./check.ts";

/** How long a mirror has for one index, of up to 5 MB. */
const WITHIN_MS = 30_000;

/** Where the packages of a world come from. */
export interface MirrorPlace {
  /** URL of the mirror; in the sandbox, the folder that a run serves. */
  readonly packages: string | { readonly folder: string };
  /** Directory of the public keys. */
  readonly keys: string;
  /** A branch that the catalog builds on. */
  readonly branch: string;
  /** What `HTTP_AUTH` of the environment says: see `withHttpAuth`. */
  readonly httpAuth?: string | undefined;
}

/** The mirror, and whether our keys verify what it offers: both by the same index, fetched once. */
export function mirrorChecks(place: MirrorPlace): Check[] {
  const path = `v${place.branch}/main/${apkArchitecture(hostPlatform())}/APKINDEX.tar.gz`;
  const index = fetchIndex(place, path);
  // Whoever awaits it is told; until then it is nobody's failure.
  index.catch(() => {});
  return [
    {
      name: "mirror",
      run: () => index.then(({ from }) => ({ status: "ok", found: from }), mirrorFailure(place)),
    },
    { name: "keys", run: () => checkKeys(index, place) },
  ];
}

interface FetchedIndex {
  readonly bytes: Buffer;
  readonly from: string;
}

async function fetchIndex({ packages, httpAuth }: MirrorPlace, path: string): Promise<FetchedIndex> {
  if (typeof packages !== "string") {
    const from = join(packages.folder, path);
    return { bytes: await readFile(from), from: `the sandbox's own, ${packages.folder}` };
  }
  const url = `${packages}/${path}`;
  const address = new URL(url);
  const get = (headers: Readonly<Record<string, string>>) =>
    ask(address, { headers, signal: AbortSignal.timeout(WITHIN_MS) }).catch((error: unknown) => {
      throw new Error(`${url}: ${reasonOf(error, address.origin)}`, { cause: error });
    });
  const auth = parseHttpAuth(httpAuth);
  const asked = await get({});
  const { status, body } =
    asked.status === 401 && auth ? await get({ authorization: authorizationOf(auth) }) : asked;
  if (status === 401) throw new Error(`${url}: ${badAnswer(status)}`);
  if (status !== 200) throw new Error(`${url}: HTTP ${status}`);
  return {
    bytes: body,
    from: `${packages} has v${path.split("/")[0]?.slice(1)}`,
  };
}

const NOT_MADE: Finding = {
  status: "warn",
  found: "the sandbox has not been made yet",
  advice: "the first run makes it",
};

function mirrorFailure({ packages }: MirrorPlace): (error: unknown) => Finding {
  return (error) =>
    typeof packages === "string"
      ? {
          status: "fail",
          found: messageOf(error),
          advice: "see `sources.packages` of the catalog, or try the sandbox: make rebuild PROFILE=sandbox",
        }
      : NOT_MADE;
}

async function checkKeys(
  index: Promise<FetchedIndex>,
  { packages, keys: directory }: MirrorPlace,
): Promise<Finding> {
  const isMade = await index.then(
    () => true,
    () => typeof packages === "string",
  );
  if (!isMade) return NOT_MADE;
  // A folder without a mirror's key, or with something else in it, is told of whether or not the mirror answers.
  const keys = loadKeys(directory);
  const held = `${count(keys.size, "key")} in ${directory}`;
  const fetched = await index.catch(() => undefined);
  if (!fetched) return { status: "warn", found: `${held}; not tried`, advice: "see mirror" };
  try {
    const { made } = readIndexFile(fetched.bytes, keys, "the index of main");
    const of = made > 0 ? ` of ${new Date(made).toISOString().slice(0, 10)}` : "";
    return { status: "ok", found: `${held}; one of them signed the index${of}` };
  } catch (error) {
    const advice = "put the mirror's public keys there, from /etc/apk/keys of a machine that trusts it";
    return { advice, ...findingOf(error), found: `${held}; ${messageOf(error)}` };
  }
}
