/**
 * Commands as a tree of sections. Indentation says what belongs to what where there is any to go by; where a hand or a
 * terminal has lost it, the table of known lines does. It knows no meaning.
 */
import type { Mode } from "./known-line.ts";
import { type KnownMatch, knownLine } from "./known-lines.ts";
import type { IosLine, IosText } from "./text-lines.ts";

/** A command in its place. */
export interface Section {
  readonly line: IosLine;
  /** Where it stands. */
  readonly mode: Mode;
  /** The row of the table; undefined when it fits none. */
  readonly match: KnownMatch | undefined;
  readonly isAmbiguous: boolean;
  readonly children: Section[];
  /** The number of the line that takes it back. */
  takenBackBy?: number;
  /** The numbers of the lines that it takes back. */
  readonly takesBack: number[];
}

interface Open {
  readonly section: Section;
  readonly mode: Mode;
  readonly indent: number;
}

/** Reads the commands; every one of them is in the tree exactly once. */
export function readSections(text: IosText): readonly Section[] {
  return new Reader(text).read();
}

class Reader {
  readonly #text: IosText;
  /** Nothing is indented: only the table tells what belongs to what. */
  readonly #isFlat: boolean;
  readonly #roots: Section[] = [];
  #open: Open[] = [];

  constructor(text: IosText) {
    this.#text = text;
    this.#isFlat = text.commands.every(({ indent }) => indent === undefined || indent === 0);
  }

  read(): readonly Section[] {
    let before = 0;
    for (const line of this.#text.commands) {
      if (this.#hasEndBetween(before, line)) this.#open = [];
      this.#add(line);
      before = line.last;
    }
    return this.#roots;
  }

  /** `!` ends a section where nothing is indented; elsewhere it may stand anywhere. */
  #hasEndBetween(from: number, { number, indent }: IosLine): boolean {
    if (!this.#isFlat && indent !== 0) return false;
    for (let at = from + 1; at < number; at++) if (this.#text.ends.has(at)) return true;
    return false;
  }

  #add(line: IosLine): void {
    const { mode, depth } = this.#placeOf(line);
    this.#open.length = depth;
    const known = knownLine(mode, line.text);
    const section: Section = {
      line,
      mode,
      match: known === "ambiguous" ? undefined : known,
      isAmbiguous: known === "ambiguous",
      children: [],
      takesBack: [],
    };
    const siblings = this.#open.at(-1)?.section.children ?? this.#roots;
    takeBack(section, siblings);
    siblings.push(section);
    const entered = section.match?.row.enters ?? (mode === "global" ? "elsewhere" : undefined);
    if (entered !== undefined)
      this.#open.push({ section, mode: entered, indent: line.indent ?? 0 });
  }

  /** Which of the open sections the line belongs to: how many of them stay open, and the mode of the last. */
  #placeOf({ text, indent }: IosLine): Place {
    const places = this.#open.map((open, index) => ({ ...open, depth: index + 1 })).reverse();
    const knowing = places.find(({ mode }) => isKnown(mode, text));
    const inner = places[0];
    if (indent === undefined || this.#isFlat)
      return knowing ?? (isKnown("global", text) || !inner ? top : inner);
    const within = places.find((place) => place.indent < indent);
    if (!within) return isKnown("global", text) || !knowing ? top : knowing;
    if (within.mode === "elsewhere") return within;
    return knowing ?? (beginsPart(text) ? top : within);
  }
}

interface Place {
  readonly mode: Mode;
  readonly depth: number;
}

/** True for a line that begins a section that may be carried over: it is no line of another section, however it stands. */
function beginsPart(text: string): boolean {
  const known = knownLine("global", text);
  return (
    typeof known === "object" && known.row.enters !== undefined && known.row.becomes !== undefined
  );
}

const top = { mode: "global", depth: 0 } as const;

const isKnown = (mode: Mode, text: string): boolean => knownLine(mode, text) !== undefined;

/** `no X` takes back what stands before it and begins with X, when the table has no row for the `no` itself. */
function takeBack(section: Section, before: readonly Section[]): void {
  const positive = /^(?:no|default)\s+(.+)$/i.exec(section.line.text)?.[1];
  if (positive === undefined) return;
  const wanted = positive.toLowerCase().split(/\s+/);
  for (const other of before) {
    const words = other.line.text.toLowerCase().split(/\s+/);
    if (!wanted.every((word, index) => words[index] === word)) continue;
    other.takenBackBy = section.line.number;
    section.takesBack.push(other.line.number);
  }
}

/** A value of the row that the section fits; empty when it has none. */
export function valueIn(section: Section, name: string): string {
  return section.match?.values[name] ?? "";
}

/** What the section's row is called; empty for one that fits none. */
export const idOf = (section: Section): string => section.match?.row.id ?? "";

/** The sections of one kind, but for those that were taken back. */
export function sectionsOf(
  sections: readonly Section[],
  ...ids: readonly string[]
): readonly Section[] {
  return sections.filter(
    (section) => ids.includes(idOf(section)) && section.takenBackBy === undefined,
  );
}
