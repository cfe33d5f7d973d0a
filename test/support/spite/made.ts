import { wordPattern } from "../../../scripts/smoke/checks.ts";
import { namePattern } from "../../../scripts/update/tracks.ts";

/** The patterns that functions put together while the program runs, by file: as bad as they can come to be. */
export const MADE_IN_FUNCTIONS: Readonly<Record<string, () => RegExp[]>> = {
  "scripts/smoke/checks.ts": () => [wordPattern("1.2.3"), wordPattern("1+(1+)+$")],
  "scripts/update/tracks.ts": () => [
    namePattern("php{{compact}}-x", "3.22"),
    namePattern("a{{branch}}", "3.22"),
  ],
};
