import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../scripts/system/errors.ts";
import { makeFolder } from "../../scripts/system/files/files.ts";
import { CommandError, run } from "../../scripts/system/process/process.ts";

/** A package fetched from the npm registry: the version its spec came to, and where its archive is. */
export interface NpmPackage {
  readonly version: string;
  readonly path: string;
}

/** What `npm pack --json` prints, as far as it matters. */
const packed = z.array(z.object({ name: z.string(), version: z.string(), filename: z.string() }));

/**
 * Fetches packages with `npm pack`. Gives spec → package.
 * @param specs such as `npm@10`: the newest version that fits is taken
 * @throws UserError when the registry does not give them
 */
export async function fetchNpmPackages(
  specs: readonly string[],
  directory: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, NpmPackage>> {
  if (specs.length === 0) return new Map();
  await makeFolder(directory);
  const command = ["npm", "pack", "--json", "--silent", "--ignore-scripts", ...specs];
  const options = { cwd: directory, ...(signal && { signal }) };
  const { stdout } = await run(command, options).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    throw new UserError(
      `cannot download ${specs.join(", ")} from the npm registry\n${error.message}`,
      "the sandbox takes Node.js from the npm registry: check `npm config get registry`",
    );
  });
  const packages = packed.parse(JSON.parse(stdout));
  return new Map(
    specs.map((spec) => {
      const name = spec.slice(0, spec.lastIndexOf("@"));
      const major = spec.slice(spec.lastIndexOf("@") + 1);
      const found = packages.find((item) => item.name === name && item.version.startsWith(`${major}.`));
      if (!found) throw new Error(`npm pack ${spec} gave ${packages.map((item) => item.name).join(", ")}`);
      return [spec, { version: found.version, path: join(directory, found.filename) }];
    }),
  );
}
