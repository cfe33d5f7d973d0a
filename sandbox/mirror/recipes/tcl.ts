import type { Recipes } from "../recipe.ts";

/** Tcl: what Debian names after its versions. */
export const TCL_RECIPES: Recipes = {
  tcl: { holds: ["tcl8.6", "tcl", "libtcl8.6"] },
  "tcl-dev": { holds: ["tcl8.6-dev", "tcl-dev"], needs: ["tcl"] },
  "tcl-lib": { holds: ["tcllib"] },
  tcl9: { holds: ["tcl9.0", "libtcl9.0"] },
  "tcl9-dev": { holds: ["tcl9.0-dev"], needs: ["tcl9"] },
};
