/**
 * The expressions of boolean track objects: names with `and`, `or`, `not` and parentheses, as a tree that remembers where
 * each name stands. `not` binds tighter than `and`, `and` tighter than `or`. IOS: track N list boolean.
 */
import { failed, ok, type Result } from "#lib/result.ts";

/** `at` is the place of a name in the text, in UTF-16 code units from 0. */
export type BooleanExpression =
  | { readonly kind: "object"; readonly object: string; readonly at: number }
  | { readonly kind: "not"; readonly term: BooleanExpression }
  | { readonly kind: "and" | "or"; readonly terms: readonly BooleanExpression[] };

/** What is wrong with an expression, and where in its text, from 0. */
export interface BooleanFault {
  readonly at: number;
  readonly message: string;
}

type Parsed = Result<BooleanExpression, BooleanFault>;
type Word = "and" | "or" | "not";

interface Token {
  readonly kind: Word | "(" | ")" | "name" | "other";
  readonly text: string;
  readonly at: number;
}

/** Parentheses and `not` deeper than this are refused, so that no text can exhaust the stack. */
const MAX_DEPTH = 32;
const HINT = "a name, not, or an opening parenthesis";

/** True for the words that have a meaning in an expression and so can't be the name of an object in it. */
export function isBooleanWord(name: string): boolean {
  return wordOf(name) !== undefined;
}

/** Reads an expression such as `wan0-up and (hub1 or hub2) and not maintenance`. */
export function parseBoolean(text: string): Result<BooleanExpression, BooleanFault> {
  const parser = new Parser(tokensOf(text), text.length);
  const expression = parser.any("or", 0);
  if (!expression.ok) return expression;
  const rest = parser.next;
  if (!rest) return expression;
  const message =
    rest.kind === ")"
      ? "a closing parenthesis without an opening one (remove it)"
      : `and or or is missing before ${shown(rest)} (a and b, a or b)`;
  return failed({ at: rest.at, message: rest.kind === "other" ? unknownSign(rest) : message });
}

/** Every name of an expression, in the order of the text; one that stands there twice comes twice. */
export function objectsOf(
  expression: BooleanExpression,
): readonly { readonly object: string; readonly at: number }[] {
  switch (expression.kind) {
    case "object":
      return [expression];
    case "not":
      return objectsOf(expression.term);
    case "and":
    case "or":
      return expression.terms.flatMap(objectsOf);
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #index = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  get next(): Token | undefined {
    return this.#tokens[this.#index];
  }

  /** Terms joined by `operator`; those of `or` are joined by `and` themselves. */
  any(operator: "and" | "or", depth: number): Parsed {
    const terms: BooleanExpression[] = [];
    do {
      const term = operator === "or" ? this.any("and", depth) : this.#term(depth);
      if (!term.ok) return term;
      terms.push(term.value);
    } while (this.#take(operator));
    const [only] = terms;
    return ok(terms.length === 1 && only ? only : { kind: operator, terms });
  }

  #term(depth: number): Parsed {
    const token = this.next;
    if (!token) return failed({ at: this.#end, message: `ends too early (${HINT})` });
    if (depth > MAX_DEPTH)
      return failed({ at: token.at, message: `nested too deeply (at most ${MAX_DEPTH} levels)` });
    this.#index++;
    switch (token.kind) {
      case "name":
        return ok({ kind: "object", object: token.text, at: token.at });
      case "not": {
        const term = this.#term(depth + 1);
        return term.ok ? ok({ kind: "not", term: term.value }) : term;
      }
      case "(":
        return this.#group(token, depth + 1);
      case "other":
        return failed({ at: token.at, message: unknownSign(token) });
      default:
        return failed({ at: token.at, message: `${shown(token)} stands in the place of ${HINT}` });
    }
  }

  #group(opening: Token, depth: number): Parsed {
    const inner = this.any("or", depth);
    if (!inner.ok || this.#take(")")) return inner;
    const found = this.next;
    if (found?.kind === "other") return failed({ at: found.at, message: unknownSign(found) });
    return found
      ? failed({ at: found.at, message: `and or or is missing before ${shown(found)}` })
      : failed({ at: opening.at, message: "this parenthesis is not closed (add one)" });
  }

  #take(kind: Token["kind"]): boolean {
    if (this.next?.kind !== kind) return false;
    this.#index++;
    return true;
  }
}

function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(/[A-Za-z0-9][A-Za-z0-9._-]*|\S/gu)].map(({ 0: word, index: at }) => {
    if (word === "(" || word === ")") return { kind: word, text: word, at };
    const isName = /^[A-Za-z0-9]/.test(word);
    return { kind: wordOf(word) ?? (isName ? "name" : "other"), text: word, at };
  });
}

function wordOf(text: string): Word | undefined {
  const word = text.toLowerCase();
  return word === "and" || word === "or" || word === "not" ? word : undefined;
}

/** Names and words of the language may be said again; a sign could be anything. */
const shown = ({ kind, text }: Token): string =>
  kind === "(" ? "an opening parenthesis" : kind === ")" ? "a closing parenthesis" : text;

const unknownSign = ({ text }: Token): string => {
  const meant = { "&": "and", "|": "or", "!": "not", "~": "not" }[text];
  return `a sign that means nothing here (${meant ? `did you mean ${meant}? ` : ""}names, and, or, not, parentheses)`;
};
