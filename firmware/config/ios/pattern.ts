/**
 * The patterns of the table of known lines and how a line fits one: `peer <seq:number> <host:ip> [track <object:number>]`.
 * Words may be shortened as IOS lets an operator type them. It knows no command.
 */
import { parseIpAddress } from "#lib/ip.ts";
import { readInterfaceName } from "./interface-name.ts";

/** Values by the names of the pattern's parameters; a word that was met stands there as `+word`. */
export type Values = Readonly<Record<string, string>>;

/** How a line fits a pattern. */
export interface Match {
  readonly values: Values;
  /** Words that were shortened: of two patterns the one with fewer is meant. */
  readonly shortened: number;
  /** The words of the pattern that were met, in full. */
  readonly words: string;
}

type Element =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "value"; readonly name: string; readonly type: string }
  | { readonly kind: "optional"; readonly elements: readonly Element[] };

/** What one type of value takes: how many of `words`, at most; 0 when the first is none. */
const types: Readonly<Record<string, (words: readonly string[]) => number>> = {
  word: (words) => Math.min(1, words.length),
  number: ([word = ""]) => (/^\d{1,10}$/.test(word) ? 1 : 0),
  ip: ([word = ""]) => (parseIpAddress(word) ? 1 : 0),
  ipv4: ([word = ""]) => (!word.includes(":") && parseIpAddress(word) ? 1 : 0),
  prefix6: ([word = ""]) => (/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\/\d{1,3}$/.test(word) ? 1 : 0),
  interface: (words) => readInterfaceName(words)?.taken ?? 0,
  rest: (words) => words.length,
};

/** A pattern that is ready to be compared. */
export interface Pattern {
  readonly elements: readonly Element[];
}

/** Reads a pattern of the table. @throws {SyntaxError} when the table is wrong. */
export function compilePattern(text: string): Pattern {
  const tokens = text.match(/\[|\]|[^\s[\]]+/g) ?? [];
  let at = 0;
  const sequence = (isNested: boolean): readonly Element[] => {
    const elements: Element[] = [];
    while (at < tokens.length) {
      const token = tokens[at++] ?? "";
      if (token === "]") {
        if (!isNested) throw new SyntaxError(`pattern ${text}: ] without [`);
        return elements;
      }
      elements.push(
        token === "[" ? { kind: "optional", elements: sequence(true) } : element(token),
      );
    }
    if (isNested) throw new SyntaxError(`pattern ${text}: [ without ]`);
    return elements;
  };
  return { elements: sequence(false) };
}

function element(token: string): Element {
  const value = /^<([\w-]+):([\w|-]+)>$/.exec(token);
  if (!value) return { kind: "word", word: token };
  const [, name = "", type = ""] = value;
  if (!type.includes("|") && !Object.hasOwn(types, type))
    throw new SyntaxError(`pattern: no type ${type}`);
  return { kind: "value", name, type };
}

/** Compares a line with a pattern; undefined when it does not fit to its end. */
export function matchPattern(pattern: Pattern, line: string): Match | undefined {
  const words = line.split(/\s+/).filter((word) => word !== "");
  return walk(pattern.elements, words, { values: {}, shortened: 0, words: "" });
}

function walk(
  elements: readonly Element[],
  words: readonly string[],
  sofar: Match,
): Match | undefined {
  const [first, ...others] = elements;
  if (!first) return words.length === 0 ? sofar : undefined;
  if (first.kind === "optional")
    return walk([...first.elements, ...others], words, sofar) ?? walk(others, words, sofar);
  const step = first.kind === "word" ? takeWord(first.word, words) : takeValue(first, words);
  if (!step) return undefined;
  return walk(others, words.slice(step.taken), {
    values: { ...sofar.values, ...step.values },
    shortened: sofar.shortened + step.shortened,
    words: `${sofar.words} ${step.word}`.trim(),
  });
}

interface Step {
  readonly taken: number;
  readonly values?: Values;
  readonly shortened: number;
  readonly word: string;
}

function takeWord(wanted: string, [word = ""]: readonly string[]): Step | undefined {
  const isWhole = word.toLowerCase() === wanted.toLowerCase();
  if (!isWhole && !isShortFor(word, wanted)) return undefined;
  return { taken: 1, values: { [`+${wanted}`]: word }, shortened: isWhole ? 0 : 1, word: wanted };
}

function takeValue(
  { name, type }: { readonly name: string; readonly type: string },
  words: readonly string[],
): Step | undefined {
  if (type.includes("|")) {
    const [word = ""] = words;
    const choices = type.split("|");
    const whole = choices.find((choice) => choice === word.toLowerCase());
    const fitting =
      whole === undefined ? choices.filter((each) => isShortFor(word, each)) : [whole];
    const [choice] = fitting;
    if (choice === undefined || fitting.length > 1) return undefined;
    const shortened = whole === undefined ? 1 : 0;
    return { taken: 1, values: { [name]: choice }, shortened, word: choice };
  }
  const taken = types[type]?.(words) ?? 0;
  if (taken === 0) return undefined;
  const text = words.slice(0, taken).join(" ");
  return { taken, values: { [name]: canonical(type, text) }, shortened: 0, word: "" };
}

/** IOS takes any beginning that is of one command only; one letter never is. */
const isShortFor = (word: string, wanted: string): boolean =>
  word.length >= 2 && wanted.toLowerCase().startsWith(word.toLowerCase());

/** One spelling for each value, so that equal ones are equal text. */
function canonical(type: string, text: string): string {
  switch (type) {
    case "number":
      return String(Number(text));
    case "interface":
      return readInterfaceName(text.split(/\s+/))?.name ?? text;
    case "ip":
    case "ipv4":
      return parseIpAddress(text) ?? text;
    default:
      return text;
  }
}
