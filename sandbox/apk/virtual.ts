import { createHash } from "node:crypto";
import type { Package } from "../../scripts/model/package.ts";

/** The package that `apk add --virtual NAME WORD…` makes: without files, and in need of all the words. */
export function virtualPackage(name: string, words: readonly string[], now: Date): Package {
  const dependencies = words.join(" ");
  const [date = "", time = ""] = now.toISOString().replaceAll(/[-:]/g, "").split(/[T.]/);
  const version = `${date}.${time}`;
  return {
    name,
    version,
    architecture: "noarch",
    checksum: `Q1${createHash("sha1").update(`${name}-${version} ${dependencies}`).digest("base64")}`,
    size: 0,
    installedSize: 0,
    description: "virtual meta package",
    url: "",
    license: "",
    origin: "",
    maintainer: "",
    buildTime: 0,
    commit: "",
    providerPriority: 0,
    dependencies,
    provides: "",
    installIf: "",
    replaces: "",
    replacesPriority: 0,
    other: {},
  };
}
