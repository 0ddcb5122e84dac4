/** IOS: show … | {begin | count | exclude | include | section} REGEX. */
import { CliFault, exitStatus } from "./fault.ts";
import type { Output } from "./surroundings.ts";

/** A command's words, and what its output goes through. */
export interface Piped {
  readonly words: readonly string[];
  /** Undefined when the line has no pipe. */
  readonly filter: ((to: Output) => FilteredOutput) | undefined;
}

/** Takes text, passes on lines. */
export interface FilteredOutput extends Output {
  /** No more text comes. */
  end(): void;
}

/**
 * Takes the pipe off a command. The shell has a pipe of its own, so this one comes quoted: as a word `|`, as one word
 * with all that follows, or within a whole command line in one word.
 * @throws {CliFault} for a filter that there is not, or a pattern that is none.
 */
export function splitPipe(argv: readonly string[]): Piped {
  const [line = ""] = argv;
  const words = argv.length === 1 && /\s/.test(line.trim()) ? line.trim().split(/\s+/) : argv;
  const at = words.findIndex((word) => /^\|(\s|$)/.test(word));
  if (at < 0) return { words, filter: undefined };
  const stages = words
    .slice(at)
    .join(" ")
    .split(/(?:^|\s)\|(?:\s|$)/)
    .slice(1)
    .map(stage);
  return {
    words: words.slice(0, at),
    filter: (to) => stages.reduceRight((next, each) => new LineFilter(each(), next), passing(to)),
  };
}

type Sink = FilteredOutput;

/** Decides about each line in turn; what it returns is passed on. */
interface Filter {
  line(text: string): boolean;
  /** A last line of its own. */
  readonly last?: () => string;
}

function stage(text: string): () => Filter {
  const [word = "", ...rest] = text.trim().split(/\s+/);
  const names = Object.keys(filters).filter((name) => word !== "" && name.startsWith(word));
  const make = filters[names[0] ?? ""];
  if (!make || names.length > 1 || rest.length === 0)
    throw new CliFault(
      exitStatus.usage,
      `after | stands begin, count, exclude, include or section and a pattern, not ${JSON.stringify(text.trim())}`,
    );
  const pattern = regularExpression(rest.join(" "));
  return () => make(pattern);
}

const filters: Readonly<Record<string, (pattern: RegExp) => Filter>> = {
  begin: (pattern) => {
    let hasBegun = false;
    return { line: (text) => (hasBegun ||= pattern.test(text)) };
  },
  count: (pattern) => {
    let count = 0;
    return {
      line: (text) => {
        if (pattern.test(text)) count++;
        return false;
      },
      last: () => `Number of lines which match regexp = ${count}`,
    };
  },
  exclude: (pattern) => ({ line: (text) => !pattern.test(text) }),
  include: (pattern) => ({ line: (text) => pattern.test(text) }),
  section,
};

/** A line that matches, and those after it that are indented deeper. */
function section(pattern: RegExp): Filter {
  let indent: number | undefined;
  return {
    line: (text) => {
      const depth = text.search(/\S/);
      if (pattern.test(text)) {
        if (indent === undefined || depth <= indent) indent = depth;
        return true;
      }
      if (indent !== undefined && depth >= 0 && depth <= indent) indent = undefined;
      return indent !== undefined && depth > indent;
    },
  };
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new CliFault(
      exitStatus.usage,
      `not a regular expression: ${text} (${error instanceof Error ? error.message : error}; put \\ before what stands for itself)`,
    );
  }
}

class LineFilter implements FilteredOutput {
  readonly #filter: Filter;
  readonly #next: Sink;
  #rest = "";

  constructor(filter: Filter, next: Sink) {
    this.#filter = filter;
    this.#next = next;
  }

  write(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) if (this.#filter.line(line)) this.#next.write(`${line}\n`);
  }

  end(): void {
    if (this.#rest !== "") this.write("\n");
    const last = this.#filter.last?.();
    if (last !== undefined) this.#next.write(`${last}\n`);
    this.#next.end();
  }
}

const passing = (to: Output): Sink => ({ write: (text) => to.write(text), end: () => {} });
