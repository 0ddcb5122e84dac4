/**
 * What outlives the restart into a new system: which one is tried instead of which, what it has to bring back, how it ended,
 * and what stands in each slot. It is `update.json` of the state directory, which both systems share.
 */
import type { Expected } from "#guard/inputs.ts";
import type { Duration } from "#lib/duration.ts";
import { jsonObject, type Slot } from "./boot-facts.ts";

/** A system in a slot. */
export interface SlotContent {
  readonly version: string;
  /** RFC 3339. */
  readonly built: string;
}

/** How far an update has come. */
export type UpdatePhase =
  /** The boot loader tries it at the next start. */
  | "armed"
  /** It runs, and its daemon judges it. */
  | "trying"
  | "kept"
  /** Given up; the next start is the system from before. */
  | "given-up"
  /** The system from before runs again. */
  | "rolled-back";

export interface Attempt {
  readonly from: { readonly slot: Slot } & SlotContent;
  readonly to: { readonly slot: Slot } & SlotContent;
  readonly by: string;
  /** Clients that were up when it was armed. */
  readonly expected: readonly Expected[];
  readonly within: Duration;
  readonly phase: UpdatePhase;
  /** How it ended, one sentence. */
  readonly why?: string;
  /** RFC 3339, of the last change. */
  readonly at: string;
}

export interface UpdateRecord {
  /** What was found whole in each slot; a slot that is being written has nothing. */
  readonly slots: Readonly<Partial<Record<Slot, SlotContent>>>;
  readonly last?: Attempt;
}

export const emptyRecord: UpdateRecord = { slots: {} };

/** Reads a record; a damaged one is as good as none, the slots themselves are not touched by it. */
export function parseRecord(text: string | undefined): UpdateRecord {
  const record = text === undefined ? undefined : jsonObject(text);
  if (!record || typeof record["slots"] !== "object" || record["slots"] === null)
    return emptyRecord;
  const { slots, last } = record as unknown as UpdateRecord;
  const isAttempt = typeof last?.from?.slot === "string" && typeof last.to?.slot === "string";
  return isAttempt && Array.isArray(last.expected) ? { slots, last } : { slots };
}
