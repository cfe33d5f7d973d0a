import type { Machine } from "../machine.ts";
import type { Recipes } from "../recipe.ts";

/** What each GCC names its runtime library of D after. */
const GDRUNTIME: Readonly<Record<string, string>> = { "12": "3", "14": "5", "15": "6" };

/** GCC of this version, with its languages: C, C++, Fortran, Ada and D. */
export function gccRecipes(version: string, { gnu }: Machine): Recipes {
  const compiler = (name: string, programs: readonly string[]) => ({
    holds: [`${name}-${version}`],
    needs: ["gcc", "musl-dev"],
    links: versionLinks(programs, version, gnu),
  });
  return {
    "build-base": { version: "1", needs: ["binutils", "gcc", "g++", "make", "patch", "musl-dev"] },
    // What it stands for, the C library's headers, is glibc's: everything here is linked with that.
    "musl-dev": { holds: ["libc6-dev"] },
    libgcc: { holds: ["libgcc-s1"] },
    libatomic: { holds: ["libatomic1"] },
    libgomp: { holds: ["libgomp1"] },
    "libstdc++": { holds: ["libstdc++6"] },
    gcc: {
      holds: [`gcc-${version}`],
      links: {
        "usr/bin/cc": "gcc",
        ...versionLinks(["gcc", "cpp", "gcc-ar", "gcc-nm", "gcc-ranlib", "gcov"], version, gnu),
      },
    },
    "g++": {
      holds: [`g++-${version}`],
      links: { "usr/bin/c++": "g++", ...versionLinks(["g++"], version, gnu) },
    },
    gfortran: compiler("gfortran", ["gfortran"]),
    libgfortran: { holds: ["libgfortran5"] },
    libquadmath: { holds: ["libquadmath0"] },
    "gcc-gnat": compiler("gnat", GNAT),
    libgnat: { holds: [`libgnat-${version}`] },
    "gcc-gdc": compiler("gdc", ["gdc"]),
    libgphobos: { holds: [`libgphobos${GDRUNTIME[version] ?? ""}`] },
  };
}

/** The tools of the Ada compiler. */
const GNAT = [
  ...["gnat", "gnatbind", "gnatchop", "gnatclean", "gnatkr", "gnatlink", "gnatls", "gnatmake", "gnatname"],
  "gnatprep",
];

/**
 * Links from a program's plain name, and from its name after the triplet, which Python and Ruby build their
 * extensions with, to the one of this version.
 */
function versionLinks(programs: readonly string[], version: string, gnu: string): Record<string, string> {
  const names = programs.flatMap((program) => [program, `${gnu}-${program}`]);
  return Object.fromEntries(names.map((name) => [`usr/bin/${name}`, `${name}-${version}`]));
}
