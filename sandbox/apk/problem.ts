/** Why there is no set of packages that fits the world. */
export type Problem =
  /** Nothing provides a name. */
  | { readonly kind: "missing"; readonly name: string; readonly requiredBy: readonly string[] }
  /** Several packages provide a name, and apk does not choose among them. */
  | {
      readonly kind: "ambiguous";
      readonly name: string;
      readonly providedBy: readonly string[];
      readonly requiredBy: readonly string[];
    }
  /** The package there is cannot be taken. */
  | {
      readonly kind: "broken";
      readonly package: string;
      readonly conflicts: readonly string[];
      readonly breaks: readonly string[];
      readonly satisfies: readonly string[];
    };

/** The problems in the words of apk. */
export function formatProblems(problems: readonly Problem[]): string {
  return ["ERROR: unable to select packages:", ...problems.map((one) => formatProblem(one))].join("\n");
}

function formatProblem(problem: Problem): string {
  switch (problem.kind) {
    case "missing":
      return [`  ${problem.name} (no such package):`, ...list("required by", problem.requiredBy)].join("\n");
    case "ambiguous":
      return [
        `  ${problem.name} (virtual):`,
        "    note: please select one of the 'provided by'",
        "          packages explicitly",
        `    provided by: ${problem.providedBy.join(" ")}`,
        ...list("required by", problem.requiredBy),
      ].join("\n");
    case "broken":
      return [
        `  ${problem.package}:`,
        ...list("conflicts", problem.conflicts),
        ...list("breaks", problem.breaks),
        ...list("satisfies", problem.satisfies),
      ].join("\n");
  }
}

/** `    breaks: a` with the further ones below the first. */
function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const start = `    ${title}: `;
  return [start + items.join(`\n${" ".repeat(start.length)}`)];
}
