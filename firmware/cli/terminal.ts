/** What the text is written for: how wide it may be, and whether colours mean anything there. */
import type { Surroundings } from "./surroundings.ts";

/** A page for tables. */
export interface Page {
  /** Characters a line; infinite where nobody looks, so that no script gets half a word. */
  readonly width: number;
  readonly hasColours: boolean;
}

/** A file or another program. */
export const plainPage: Page = { width: Number.POSITIVE_INFINITY, hasColours: false };

/** The page that standard output is. Colours only on a terminal that has them, and by nobody's will against it (no-color.org). */
export function pageOf({ stdout, env }: Pick<Surroundings, "stdout" | "env">): Page {
  if (!stdout.isTTY) return plainPage;
  const { NO_COLOR: noColour = "", TERM: terminal = "" } = env;
  return { width: stdout.columns || 80, hasColours: noColour === "" && terminal !== "dumb" };
}

/** How a word is meant. */
export type Tone = "good" | "busy" | "bad";

/** `text` in the colour of its tone; as it is where there are no colours. ECMA-48 §8.3.117 */
export function coloured(text: string, tone: Tone | undefined, { hasColours }: Page): string {
  return hasColours && tone !== undefined ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text;
}

const codes: Readonly<Record<Tone, number>> = { good: 32, busy: 33, bad: 31 };
