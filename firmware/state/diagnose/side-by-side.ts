/** Evidence in two columns. */
import type { Evidence } from "./diagnosis.ts";

/** @param text says what the columns are, ours first. */
export function sideBySide(
  kind: Evidence["kind"],
  text: string,
  ours: readonly string[],
  theirs: readonly string[],
): Evidence {
  return { kind, text, comparison: { ours, theirs } };
}
