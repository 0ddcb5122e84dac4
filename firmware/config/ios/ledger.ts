/** What became of every line: carried over into which part, or left out, and why. Nothing is left without a verdict. */

import { reasons } from "./known-line.ts";
import type { Section } from "./read-sections.ts";
import { maskSecrets } from "./secret-forms.ts";
import type { IosText } from "./text-lines.ts";

/** A line, or a whole section, that is not carried over. */
export interface Remark {
  readonly from: number;
  readonly to: number;
  /** The command, secrets masked. */
  readonly text: string;
  readonly reason: string;
}

/** A verdict on one line. */
export type Verdict =
  | { readonly kind: "carried" }
  | { readonly kind: "left"; readonly reason: string }
  | { readonly kind: "silent" };

export class Ledger {
  readonly #verdicts = new Map<Section, Verdict & { kind: "carried" | "left" }>();

  /** The line is in the file, or in its meaning. A remark said before stays: half of it was not carried. */
  carried(...sections: readonly (Section | undefined)[]): void {
    for (const section of sections)
      if (section && !this.#verdicts.has(section)) this.#verdicts.set(section, { kind: "carried" });
  }

  /** The line is not in the file, or not whole. */
  left(section: Section, reason: string): void {
    this.#verdicts.set(section, { kind: "left", reason });
  }

  isCarried(section: Section): boolean {
    return this.#verdicts.get(section)?.kind === "carried";
  }

  /** Every line that was left out, in the order of the file; sections of which nothing is left are one remark. */
  remarks(roots: readonly Section[]): readonly Remark[] {
    return roots.flatMap((root) => this.#remarksOf(root));
  }

  /** One verdict a line of the text, by its number from 1. */
  verdicts(roots: readonly Section[], text: IosText): ReadonlyMap<number, Verdict> {
    const all = new Map<number, Verdict>(text.silent.map((number) => [number, { kind: "silent" }]));
    const visit = (section: Section) => {
      const verdict = this.#verdictOf(section);
      for (let number = section.line.number; number <= section.line.last; number++)
        all.set(number, verdict);
      section.children.forEach(visit);
    };
    roots.forEach(visit);
    return all;
  }

  #verdictOf(section: Section): Verdict & { kind: "carried" | "left" } {
    if (section.takenBackBy !== undefined)
      return { kind: "left", reason: `is taken back by line ${section.takenBackBy}` };
    return this.#verdicts.get(section) ?? { kind: "left", reason: reasonOf(section) };
  }

  #remarksOf(section: Section): readonly Remark[] {
    const { line, children } = section;
    const verdict = this.#verdictOf(section);
    const text = maskSecrets(line.text);
    const inner = children.flatMap((child) => this.#remarksOf(child));
    if (verdict.kind === "carried") return inner;
    if (children.some((child) => this.#hasVerdict(child)))
      return [{ from: line.number, to: line.last, text, reason: verdict.reason }, ...inner];
    return [{ from: line.number, to: lastOf(section), text, reason: verdict.reason }];
  }

  #hasVerdict(section: Section): boolean {
    return this.#verdicts.has(section) || section.children.some((child) => this.#hasVerdict(child));
  }
}

const lastOf = ({ line, children }: Section): number =>
  Math.max(line.last, ...children.map(lastOf));

function reasonOf({ match, isAmbiguous, line, mode, takesBack }: Section): string {
  if (takesBack.length > 0) return `takes back line ${takesBack.join(", ")}`;
  if (isAmbiguous) return "is short for more than one command: write it out";
  if (match?.row.becomes !== undefined)
    return mode === "interface" ? reasons.system : "nothing that is carried over uses it";
  if (match) return match.row.reason ?? "has no equivalent";
  if (/^(no|default)\s/i.test(line.text)) return "takes away what is not there";
  return mode === "elsewhere"
    ? "stands in a section that is not carried over"
    : "is not known here";
}
