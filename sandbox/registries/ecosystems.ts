import { composer } from "./composer.ts";
import { cpan } from "./cpan.ts";
import { crates } from "./crates.ts";
import { type ClientSettings, type Ecosystem, REGISTRIES_PATH } from "./ecosystem.ts";
import { goModules } from "./go-modules.ts";
import { hex } from "./hex.ts";
import { luarocks } from "./luarocks.ts";
import { npm } from "./npm.ts";
import { pypi } from "./pypi.ts";
import { rubygems } from "./rubygems.ts";

/** Every registry of the sandbox. */
export const ECOSYSTEMS: readonly Ecosystem[] = [
  npm,
  pypi,
  rubygems,
  cpan,
  luarocks,
  goModules,
  composer,
  crates,
  hex,
];

/**
 * What an image needs for the clients in it to use the sandbox's registries.
 * @param origin where they are served: `http://127.0.0.1:5080`
 */
export function clientSettings(origin: string): Required<ClientSettings> {
  const all = ECOSYSTEMS.map(({ folder, client }) => client(`${origin}${REGISTRIES_PATH}/${folder}`));
  return {
    env: Object.assign({}, ...all.map(({ env }) => env)),
    files: Object.assign({}, ...all.map(({ files }) => files)),
  };
}
