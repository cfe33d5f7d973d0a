import type { Recipes } from "../recipe.ts";

/** Python of this version. */
export function pythonRecipes(version: string): Recipes {
  const python = `python${version}`;
  return {
    // Debian's own python3, python3-minimal and so on hold nothing but these links and Debian's tools.
    python3: {
      holds: [python, "python3", "python3-minimal", "libpython3-stdlib"],
      links: { "usr/bin/python3": python, "usr/bin/pydoc3": `pydoc${version}` },
    },
    "python3-dev": {
      holds: [`${python}-dev`],
      links: { "usr/bin/python3-config": `${python}-config` },
    },
    "py3-pip": { holds: ["python3-pip"], needs: ["python3", `${python}-venv`] },
    "py3-setuptools": { holds: ["python3-setuptools"], needs: ["python3"] },
  };
}
