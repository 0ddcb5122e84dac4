/** IOS: a word of a command may be cut as long as no other word of that place begins the same. */
import type { Command } from "commander";
import { visible } from "./command-tree.ts";
import { CliFault, exitStatus } from "./fault.ts";

/**
 * Writes the words of a command out. Names, files and what belongs to an option stay as they are, and so does a word that
 * no command begins with: whoever parses it says what is wrong.
 * @throws {CliFault} when a word may be several.
 */
export function expandAbbreviations(program: Command, argv: readonly string[]): readonly string[] {
  const expanded: string[] = [];
  const options = [...program.options];
  let command = program;
  let argument = 0;
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") return [...expanded, ...argv.slice(index)];
    if (word.startsWith("-")) {
      expanded.push(word);
      const takesValue = options.some(
        (each) => each.required && (each.long === word || each.short === word),
      );
      const value = argv[index + 1];
      if (takesValue && value !== undefined) {
        expanded.push(value);
        index++;
      }
      continue;
    }
    const place = placeOf(command, argument);
    const full = place && writtenOut(word, place, expanded);
    const next = full === undefined ? undefined : subcommand(command, full);
    expanded.push(full ?? word);
    if (next) {
      command = next;
      options.push(...next.options);
    } else argument++;
  }
  return expanded;
}

/** The words that may stand here; undefined where anything may. */
function placeOf(command: Command, argument: number): readonly string[] | undefined {
  const free = command.registeredArguments[argument] ?? variadicOf(command);
  const words = argument > 0 ? [] : visible(command).map((each) => each.name());
  if (free?.argChoices) return [...free.argChoices, ...words];
  if (argument > 0) return undefined;
  // A name may stand in the place of a keyword: only the whole word is the keyword.
  return free ? undefined : words.length > 0 ? [...words, "help"] : undefined;
}

function variadicOf(command: Command): Command["registeredArguments"][number] | undefined {
  const last = command.registeredArguments.at(-1);
  return last?.variadic ? last : undefined;
}

function writtenOut(
  word: string,
  words: readonly string[],
  before: readonly string[],
): string | undefined {
  if (words.includes(word)) return word;
  const fitting = words.filter((each) => each.startsWith(word));
  if (fitting.length <= 1) return fitting[0];
  const line = [...before.filter((each) => !each.startsWith("-")), word].join(" ");
  throw new CliFault(
    exitStatus.usage,
    `% Ambiguous command: "${line}" (write more of the last word: ${fitting.join(", ")})`,
  );
}

function subcommand(command: Command, name: string): Command | undefined {
  return command.commands.find((each) => each.name() === name);
}
