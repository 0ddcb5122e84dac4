import type { MonotonicMs } from "./duration.ts";

/** A deterministic machine. Same inputs and times, same actions, always. */
export interface Engine<Input, Action> {
  /**
   * Takes one input. `now` never goes backwards.
   * @returns what the caller must do, in this order. Never throws because of what a peer sent.
   */
  handle(input: Input, now: MonotonicMs): readonly Action[];
  /** When to call `handle({ kind: "timeout" }, now)`; undefined when no timer is armed. Early or late calls are harmless. */
  nextTimeout(): MonotonicMs | undefined;
}

/** Fills and returns `length` unpredictable bytes. Engines take it as an argument, so that nonces and SPIs repeat in tests. */
export type RandomSource = (length: number) => Uint8Array;
