import type { Machine } from "../machine.ts";
import type { Recipe, Recipes } from "../recipe.ts";

/** The programs of a JDK that have a link in /usr/bin, as Alpine's java-common makes them. */
const PROGRAMS = [
  ...["java", "javac", "jar", "javadoc", "javap", "jcmd", "jdeps", "jlink", "jmod", "jshell", "jstack"],
  ...["keytool", "serialver"],
];

/** OpenJDK of these major versions, and what is written in Java or runs on it. */
export function javaRecipes(versions: readonly string[], machine: Machine, clojure?: string): Recipes {
  return {
    ...Object.fromEntries(versions.flatMap((version) => jdkRecipes(version, machine))),
    // They lead to default-jvm, which Alpine's trigger makes: where none runs, whoever assembles the image does.
    "java-common": {
      version: "1",
      links: Object.fromEntries(
        PROGRAMS.map((name) => [`usr/bin/${name}`, `../lib/jvm/default-jvm/bin/${name}`]),
      ),
    },
    // Empty until a trigger fills it from the CA certificates, or whoever assembles the image does.
    "java-cacerts": { needs: ["p11-kit-trust"], version: "1", files: { "etc/ssl/certs/java/cacerts": "" } },
    maven: { holds: ["maven"], links: { "usr/bin/mvn": "../share/maven/bin/mvn" } },
    ...(clojure && {
      clojure: { holds: ["clojure"], links: { "usr/bin/clojure": `clojure${clojure}` } },
      leiningen: { holds: ["leiningen"], needs: ["bash"] },
    }),
  };
}

/** Debian's headless packages, under Alpine's names; what has windows is empty. */
function jdkRecipes(version: string, { debian }: Machine): [string, Recipe][] {
  const jdk = `openjdk${version}`;
  return [
    [
      `${jdk}-jre-headless`,
      {
        holds: [`openjdk-${version}-jre-headless`],
        needs: ["java-common"],
        links: { [`usr/lib/jvm/java-${version}-openjdk`]: `java-${version}-openjdk-${debian}` },
      },
    ],
    [`${jdk}-jre`, { needs: [`${jdk}-jre-headless`] }],
    // The modules that jlink makes runtimes of are in here as well.
    [`${jdk}-jdk`, { holds: [`openjdk-${version}-jdk-headless`], needs: [`${jdk}-jre`, "java-cacerts"] }],
    [`${jdk}-jmods`, { needs: [`${jdk}-jdk`] }],
  ];
}
