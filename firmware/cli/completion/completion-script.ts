/**
 * Completion for shells, made from the commands. The words are in the script, so that a key press costs nothing; only
 * names (clients, tracks, …) are asked from the daemon. Cut words before the cursor are understood as the parser does.
 */
import { type ArgumentNode, allNodes, type CommandNode } from "../command-tree.ts";

export type Shell = "bash" | "zsh";

/** The script for a shell; it is to be sourced, or put where the shell looks for completions. */
export function completionScript(tree: CommandNode, shell: Shell): string {
  const nodes = allNodes(tree);
  const tables = [
    table("words", nodes, ({ children }) => children.map(({ path }) => path.at(-1) ?? "")),
    table("options", nodes, (node) => optionsAt(nodes, node)),
    table("arguments", nodes, ({ arguments: all }) => all.map(kindOf)),
    values(nodes),
  ];
  return shell === "bash" ? bashScript(tables) : zshScript(tables);
}

/** What may stand for an argument: its choices, or `@` and what it names; `*` when it may be repeated. */
function kindOf({ name, choices, isVariadic }: ArgumentNode): string {
  const kind = choices.length > 0 ? choices.join("|") : kinds.has(name) ? `@${name}` : "-";
  return isVariadic ? `${kind}*` : kind;
}

/** Kinds of values that a shell or the daemon knows. */
const kinds: ReadonlySet<string> = new Set(["file", "folder", "client", "track", "sla", "dialer"]);

/** Options are taken by every command below the one that has them. */
function optionsAt(nodes: readonly CommandNode[], { path }: CommandNode): readonly string[] {
  const above = nodes.filter((node) => node.path.every((word, index) => word === path[index]));
  const flags = above.flatMap(({ options }) => options.flatMap((option) => option.flags));
  return [...new Set(["--help", ...flags.filter((flag) => flag.startsWith("--"))])].sort();
}

function table(
  name: string,
  nodes: readonly CommandNode[],
  cells: (node: CommandNode) => readonly string[],
): string {
  const rows = nodes.flatMap((node) => {
    const words = cells(node);
    return words.length > 0 ? [`  '${node.path.join(" ")} ' '${words.join(" ")}'`] : [];
  });
  return declaration(name, rows);
}

/** What follows an option that has a value; one that nobody can complete is `-`. */
function values(nodes: readonly CommandNode[]): string {
  const known = new Map<string, string>();
  for (const { options } of nodes)
    for (const { flags, value, choices } of options) {
      if (value === undefined) continue;
      const kind = choices.length > 0 ? choices.join("|") : kinds.has(value) ? `@${value}` : "-";
      for (const flag of flags) known.set(flag, kind);
    }
  return declaration(
    "values",
    [...known].map(([flag, kind]) => `  '${flag} ' '${kind}'`),
  );
}

const declaration = (name: string, rows: readonly string[]): string =>
  `NAME_${name}=(\n${rows.join("\n")}\n)`;

/** Bash has no pairs in an associative array: each becomes `[key]=value`. Keys end with a blank, none may be empty. */
function bashScript(tables: readonly string[]): string {
  const arrays = tables.map((text) =>
    text
      .replace(/^NAME_(\w+)=/, "declare -gA _flexspoke_$1=")
      .replaceAll(/^ {2}'(.*?)' '(.*)'$/gm, "  ['$1']='$2'"),
  );
  return `# Completion of flexspoke for bash: source <(flexspoke completion bash)
${arrays.join("\n")}

# Sets "path" and "position" from the words before the cursor; cut words are written out.
_flexspoke_walk() {
  local word next child fitting
  path=' ' position=0 folder=
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ $word == -* ]]; then
      if [[ -n \${_flexspoke_values["$word "]} ]]; then
        index=$((index + 1))
        [[ $word == --run-dir ]] && folder=\${COMP_WORDS[index]}
      fi
      continue
    fi
    next= fitting=0
    for child in \${_flexspoke_words[$path]}; do
      if [[ $child == "$word" ]]; then next=$child fitting=1; break; fi
      if [[ $child == "$word"* ]]; then next=$child fitting=$((fitting + 1)); fi
    done
    if ((fitting == 1 && position == 0)); then
      path="\${path# }$next "
    else
      position=$((position + 1))
    fi
  done
}

# Prints what a value may be.
_flexspoke_value() {
  case $1 in
    @file) compgen -f -- "$2" ;;
    @folder) compgen -d -- "$2" ;;
    @*) compgen -W "$(flexspoke \${folder:+--run-dir "$folder"} completion names "\${1#@}" 2>/dev/null)" -- "$2" ;;
    -) ;;
    *) compgen -W "\${1//|/ }" -- "$2" ;;
  esac
}

_flexspoke() {
  local path position folder index kinds kind
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  _flexspoke_walk
  kind=\${_flexspoke_values["$previous "]}
  if [[ $previous == -* && -n $kind ]]; then
    mapfile -t COMPREPLY < <(_flexspoke_value "$kind" "$current")
    return
  fi
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "\${_flexspoke_options[$path]}" -- "$current")
    return
  fi
  read -ra kinds <<<"\${_flexspoke_arguments[$path]}"
  kind=\${kinds[position]:--}
  if ((position >= \${#kinds[@]} && \${#kinds[@]} > 0)); then
    kind=\${kinds[\${#kinds[@]} - 1]}
    [[ $kind == *'*' ]] || kind=-
  fi
  mapfile -t COMPREPLY < <(
    ((position == 0)) && compgen -W "\${_flexspoke_words[$path]}" -- "$current"
    _flexspoke_value "\${kind%\\*}" "$current"
  )
}

complete -o filenames -o default -F _flexspoke flexspoke
`;
}

function zshScript(tables: readonly string[]): string {
  const arrays = tables.map((text) => text.replace(/^NAME_(\w+)=/, "typeset -gA _flexspoke_$1="));
  return `#compdef flexspoke
# Completion of flexspoke for zsh: source <(flexspoke completion zsh), or as _flexspoke in a folder of $fpath
${arrays.join("\n")}

_flexspoke_value() {
  case $1 in
    @file) _files ;;
    @folder) _files -/ ;;
    @*) compadd -- \${(f)"$(flexspoke \${folder:+--run-dir} \${folder:+$folder} completion names \${1#@} 2>/dev/null)"} ;;
    -) ;;
    *) compadd -- \${(s:|:)1} ;;
  esac
}

_flexspoke() {
  emulate -L zsh
  local path_=' ' folder= word key next child kind current=$words[CURRENT] previous=$words[CURRENT-1]
  local -i position=0 index fitting
  local -a kinds
  for ((index = 2; index < CURRENT; index++)); do
    word=$words[index]
    if [[ $word == -* ]]; then
      key="$word "
      if [[ -n \${_flexspoke_values[$key]} ]]; then
        index+=1
        [[ $word == --run-dir ]] && folder=$words[index]
      fi
      continue
    fi
    next= fitting=0
    for child in \${=_flexspoke_words[$path_]}; do
      if [[ $child == $word ]]; then next=$child fitting=1; break; fi
      if [[ $child == $word* ]]; then next=$child fitting+=1; fi
    done
    if ((fitting == 1 && position == 0)); then
      path_="\${path_# }$next "
    else
      position+=1
    fi
  done
  key="$previous "
  kind=\${_flexspoke_values[$key]}
  if [[ $previous == -* && -n $kind ]]; then
    _flexspoke_value $kind
    return
  fi
  if [[ $current == -* ]]; then
    compadd -- \${=_flexspoke_options[$path_]}
    return
  fi
  kinds=(\${=_flexspoke_arguments[$path_]})
  kind=\${kinds[position+1]:-\${kinds[-1]}}
  if ((position >= $#kinds)) && [[ $kind != *'*' ]]; then kind=-; fi
  ((position == 0)) && compadd -- \${=_flexspoke_words[$path_]}
  _flexspoke_value \${kind%\\*}
}

if [[ $funcstack[1] == _flexspoke ]]; then _flexspoke "$@"; else compdef _flexspoke flexspoke; fi
`;
}
