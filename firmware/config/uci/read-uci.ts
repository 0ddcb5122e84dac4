/**
 * Reads the text of a UCI file, OpenWrt's form of configuration: typed sections with options and lists. It keeps where
 * everything stands, and knows nothing of what it means. Source: OpenWrt, "The UCI system"; libuci file.c
 */

/** An option or a list of a section. */
export interface UciOption {
  readonly key: string;
  /** One for an option; those of all lines of a list. */
  readonly values: readonly UciValue[];
  readonly isList: boolean;
  readonly line: number;
}

export interface UciValue {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export interface UciSection {
  readonly type: string;
  /** Undefined for an anonymous section. */
  readonly name: string | undefined;
  readonly options: readonly UciOption[];
  readonly line: number;
}

/** What can't be read or has no meaning, for the person who wrote it. */
export interface UciFault {
  readonly line: number;
  readonly message: string;
}

export interface UciText {
  readonly sections: readonly UciSection[];
  readonly faults: readonly UciFault[];
}

interface OpenSection {
  readonly type: string;
  readonly name: string | undefined;
  readonly options: Map<string, { isList: boolean; line: number; values: UciValue[] }>;
  readonly line: number;
}

/** Never throws, whatever the text is: what can't be read is a fault, and the rest is read all the same. */
export function readUci(text: string): UciText {
  const sections: OpenSection[] = [];
  const faults: UciFault[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = index + 1;
    const words = wordsOf(raw);
    const fault =
      words === undefined ? "a quote is not closed (put one at its end)" : take(words, line);
    if (fault !== undefined) faults.push({ line, message: fault });
  }
  return { sections: sections.map(closed), faults };

  function take([keyword, first, second, ...more]: readonly string[], line: number) {
    if (keyword === undefined || keyword === "package") return undefined;
    if (more.length > 0) return "too many words (put the value in quotes)";
    if (keyword === "config") {
      if (first === undefined) return "config without a type (config TYPE 'NAME')";
      sections.push({ type: first, name: second, options: new Map(), line });
      return undefined;
    }
    if (keyword !== "option" && keyword !== "list")
      return `${keyword} is not a line of UCI (config, option, list)`;
    const section = sections.at(-1);
    if (!section) return `${keyword} before the first section (config TYPE 'NAME')`;
    if (first === undefined || second === undefined)
      return `${keyword} without ${first === undefined ? "a name" : "a value"} (${keyword} NAME 'VALUE')`;
    const value = { text: second, line };
    const before = section.options.get(first);
    // As libuci does: the last option of a name counts, and a list grows.
    if (keyword === "list" && before?.isList) before.values.push(value);
    else section.options.set(first, { isList: keyword === "list", line, values: [value] });
    return undefined;
  }
}

function closed({ type, name, options, line }: OpenSection): UciSection {
  return { type, name, line, options: [...options].map(([key, rest]) => ({ key, ...rest })) };
}

/** Words as a shell would see them: quotes of both kinds, a comment after #. @returns undefined for an open quote. */
function wordsOf(line: string): string[] | undefined {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== "" && !rest.startsWith("#")) {
    let word = "";
    for (;;) {
      const part = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\#]+))/.exec(rest);
      if (!part) break;
      word += part[1] ?? part[2]?.replaceAll(/\\(.)/g, "$1") ?? part[3] ?? part[4];
      rest = rest.slice(part[0].length);
    }
    if (rest !== "" && !/^[\s#]/.test(rest)) return undefined;
    words.push(word);
    rest = rest.trimStart();
  }
  return words;
}
