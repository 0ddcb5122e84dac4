/** The one time that images and packages carry: when the last change of the tree was made, so that the same tree is the same file. */
import { run } from "./run.ts";

/** Seconds since 1970; a fixed day where the tree has no history. */
export function sourceDate(): number {
  const given = Number(process.env["SOURCE_DATE_EPOCH"]);
  if (given > 0) return given;
  try {
    return Number(run("git", ["log", "-1", "--format=%ct"]));
  } catch {
    return Date.UTC(2026, 0, 1) / 1_000;
  }
}

/** The same, as RFC 3339. */
export function builtAt(): string {
  return new Date(sourceDate() * 1_000).toISOString().replace(/\.\d+Z$/, "Z");
}
