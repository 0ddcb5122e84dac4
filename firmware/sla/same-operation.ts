/** What a new configuration changed of an operation. */
import type { ResolvedSla } from "#config/resolved-sla.ts";

/** True when nothing changed. */
export function isSameOperation(before: ResolvedSla, after: ResolvedSla): boolean {
  return (
    isSameTarget(before, after) &&
    before.frequency === after.frequency &&
    before.timeout === after.timeout &&
    before.threshold === after.threshold
  );
}

/** True when the same is asked in the same way: earlier results are still about it. */
export function isSameTarget(before: ResolvedSla, after: ResolvedSla): boolean {
  return (
    before.sourceInterface === after.sourceInterface &&
    JSON.stringify(before.operation) === JSON.stringify(after.operation)
  );
}
