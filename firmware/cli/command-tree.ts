/** The commands as plain data: what completion and the man page are made of. Read off the parser itself, so that nothing can differ. */
import type { Command } from "commander";

export interface CommandNode {
  /** `["show", "crypto"]`; empty for the program. */
  readonly path: readonly string[];
  readonly description: string;
  /** False when it only groups others. */
  readonly runs: boolean;
  readonly arguments: readonly ArgumentNode[];
  readonly options: readonly OptionNode[];
  readonly children: readonly CommandNode[];
}

export interface ArgumentNode {
  /** Says what it is, too: `client`, `file`, … */
  readonly name: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
  readonly choices: readonly string[];
}

export interface OptionNode {
  /** `-c`, `--config`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly defaultValue?: string;
  /** Name of its value; undefined when it has none. */
  readonly value?: string;
  readonly choices: readonly string[];
}

/** The whole tree below a command, in the order of its making. */
export function commandTree(command: Command, path: readonly string[] = []): CommandNode {
  return {
    path,
    description: command.description(),
    runs: hasAction(command),
    arguments: command.registeredArguments.map((each) => ({
      name: each.name(),
      isRequired: each.required,
      isVariadic: each.variadic,
      choices: each.argChoices ?? [],
    })),
    options: command.options.filter((each) => !each.hidden).map(optionNode),
    children: visible(command).map((each) => commandTree(each, [...path, each.name()])),
  };
}

/** What is under a command for people; scripts of ours may find more. */
export function visible(command: Command): readonly Command[] {
  return command.commands.filter((each) => !("_hidden" in each && each._hidden));
}

/** A node and all below it, depth first. */
export function allNodes(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.children.flatMap(allNodes)];
}

function optionNode(option: Command["options"][number]): OptionNode {
  const { short, long, description, defaultValue, argChoices } = option;
  const [, value] = /[<[](.*?)[\]>]/.exec(option.flags) ?? [];
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    ...(typeof defaultValue === "string" || typeof defaultValue === "number"
      ? { defaultValue: String(defaultValue) }
      : {}),
    ...(value !== undefined && { value }),
    choices: argChoices ?? [],
  };
}

/** The parser keeps both to itself. */
function hasAction(command: Command): boolean {
  return "_actionHandler" in command && Boolean(command._actionHandler);
}
