import type { Recipes } from "../recipe.ts";

/** Perl, which Debian calls as Alpine does but for what compiles and installs modules. */
export const PERL_RECIPES: Recipes = {
  "perl-dev": { holds: ["libperl-dev"], needs: ["perl"] },
  "perl-utils": { version: "1", needs: ["perl"] },
  "perl-app-cpanminus": { holds: ["cpanminus"], needs: ["perl-utils", "wget"] },
};
