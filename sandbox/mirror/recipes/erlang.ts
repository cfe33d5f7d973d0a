import type { Recipes } from "../recipe.ts";

/** The applications of Erlang/OTP that Debian has in packages of their own; those with windows are left out. */
const APPLICATIONS = [
  ...["asn1", "common-test", "crypto", "dialyzer", "diameter", "edoc", "eldap", "eunit", "ftp", "inets"],
  ...["mnesia", "os-mon", "parsetools", "public-key", "runtime-tools", "snmp", "ssh", "ssl"],
  ...["syntax-tools", "tftp", "tools", "xmerl"],
];

/** Erlang/OTP of this major version; Elixir and rebar3 are called as in Debian. */
export function erlangRecipes(version: string): Recipes {
  return {
    [`erlang${version}`]: {
      holds: ["erlang-base", ...APPLICATIONS.map((name) => `erlang-${name}`)],
      // Its programs are shell scripts around the virtual machine.
      needs: ["busybox-binsh"],
    },
    [`erlang${version}-dev`]: { holds: ["erlang-dev"] },
    // With Hex in it, which Mix would otherwise fetch from where no sandbox reaches.
    elixir: { holds: ["elixir", "erlang-hex"] },
  };
}
