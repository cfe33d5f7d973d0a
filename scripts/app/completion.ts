import type { Command, Option } from "commander";

/** The shells that completion is for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What may come next on a command line. Pure, but for `targetsOf`.
 * @param words those behind the program's name; the last is what was begun, perhaps nothing
 * @param targetsOf the targets and images of a catalog; none where it cannot be read
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  targetsOf: (catalog: string) => Promise<readonly string[]>,
): Promise<string[]> {
  const [verb = "", ...others] = words;
  const begun = others.at(-1) ?? verb;
  const matching = (all: readonly string[]) => all.filter((one) => one.startsWith(begun)).sort();
  if (words.length <= 1) return matching([...program.commands.map((one) => one.name()), "help", "--version"]);
  const command = program.commands.find((one) => one.name() === verb);
  if (verb === "help") return matching(program.commands.map((one) => one.name()));
  if (!command) return [];
  const given = others.slice(0, -1);
  const awaited = optionOf(command, given.at(-1) ?? "");
  // Of a file or a folder the shell knows more.
  if (awaited && !awaited.isBoolean()) return matching(awaited.argChoices ?? []);
  if (begun.startsWith("-")) {
    const free = command.options.filter(({ long, hidden }) => !hidden && long && !given.includes(long));
    return matching([...free.flatMap(({ long }) => long ?? []), "--help"]);
  }
  const [argument] = command.registeredArguments;
  const choices = argument?.argChoices;
  if (choices) return given.some((one) => choices.includes(one)) ? [] : matching(choices);
  const isOfTargets = command.registeredArguments.some((one) => one.name() === "targets");
  return isOfTargets ? matching(await targetsOf(catalogOf(given))) : [];
}

function optionOf({ options }: Command, word: string): Option | undefined {
  return word.startsWith("-")
    ? options.find(({ long, short }) => long === word || short === word)
    : undefined;
}

function catalogOf(words: readonly string[]): string {
  const at = words.indexOf("--catalog");
  return (at < 0 ? undefined : words[at + 1]) ?? "catalog.yaml";
}

/**
 * What a shell reads to complete our command lines. Each asks us for what may come next, so that targets are those of
 * the catalog in the folder. It runs what the folder has installed, and else what the machine has.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Words are those of the line: bash itself would cut node:22 in three, and takes only what comes behind the colon.
  bash: `# For ~/.bashrc: source <(birdhouse completion bash)
_birdhouse_program() {
  if [ -x node_modules/.bin/birdhouse ]; then node_modules/.bin/birdhouse "$@"; else command birdhouse "$@"; fi
}
_birdhouse() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current before candidate
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  if [[ \${words[0]} == npx ]]; then
    [[ \${words[1]} == birdhouse ]] || return
    words=("\${words[@]:1}")
  fi
  current="\${words[\${#words[@]}-1]}"
  before=""
  [[ $COMP_WORDBREAKS == *:* && $current == *:* ]] && before="\${current%:*}:"
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("\${candidate#"$before"}")
  done < <(_birdhouse_program completion bash -- "\${words[@]:1}" 2> /dev/null)
}
complete -o default -F _birdhouse birdhouse
complete -p npx > /dev/null 2>&1 || complete -o default -F _birdhouse npx
`,
  zsh: `#compdef birdhouse
# For ~/.zshrc, behind compinit: source <(birdhouse completion zsh)
_birdhouse() {
  local program=birdhouse
  [[ -x node_modules/.bin/birdhouse ]] && program=node_modules/.bin/birdhouse
  local -a found
  found=("\${(@f)$(command $program completion zsh -- "\${(@)words[2,CURRENT]}" 2> /dev/null)}")
  [[ -n "$found" ]] && compadd -- "\${found[@]}" || _files
}
compdef _birdhouse birdhouse
`,
  fish: `# For ~/.config/fish/completions/birdhouse.fish: birdhouse completion fish
function __birdhouse_candidates
  set -l program birdhouse
  test -x node_modules/.bin/birdhouse; and set program node_modules/.bin/birdhouse
  set -l words (commandline -opc) (commandline -ct)
  command $program completion fish -- $words[2..-1] 2> /dev/null
end
complete -c birdhouse -a '(__birdhouse_candidates)'
`,
};
