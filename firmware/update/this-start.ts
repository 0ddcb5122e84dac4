/** What a start of the daemon is, as the slot it runs in, the slot state and the record of the last attempt tell it. */
import type { Slot } from "./boot-facts.ts";
import type { SlotState } from "./slot-state.ts";
import type { Attempt } from "./update-record.ts";

export type ThisStart =
  /** Nothing about updates. */
  | { readonly kind: "usual" }
  /** An update is armed; the machine was not restarted yet. */
  | { readonly kind: "waiting" }
  /** The system on trial runs. */
  | { readonly kind: "trial" }
  /** It was kept, and the record does not know yet. */
  | { readonly kind: "kept"; readonly why: string }
  /** The system from before runs again. */
  | { readonly kind: "rolled-back"; readonly slot: Slot; readonly why: string }
  /** It was given up already: only the restart is missing. */
  | { readonly kind: "given-up" }
  /** The boot loader took another slot than the chosen one. */
  | { readonly kind: "fallback"; readonly chosen: Slot; readonly why: string };

/** @param runs the slot that this system was started from. */
export function whatThisStartIs(
  runs: Slot,
  state: SlotState,
  last: Attempt | undefined,
): ThisStart {
  const isTried = state.slot !== runs && state.trial === runs;
  const isOpen = last?.phase === "armed" || last?.phase === "trying";
  if (isTried) {
    if (last?.phase === "given-up" && last.to.slot === runs) return { kind: "given-up" };
    return { kind: "trial" };
  }
  if (last && (isOpen || last.phase === "given-up")) {
    if (last.to.slot === runs)
      return { kind: "kept", why: "the boot loader was told so before the device lost its power" };
    if (state.trial === last.to.slot && state.tries > 0) return { kind: "waiting" };
    return { kind: "rolled-back", slot: runs, why: last.why ?? unexplained[last.phase] ?? "" };
  }
  if (state.slot !== runs)
    return {
      kind: "fallback",
      chosen: state.slot,
      why: `slot ${state.slot} is chosen but could not be started, so ${runs} runs: install an update to repair it`,
    };
  return { kind: "usual" };
}

/** Why a trial ended without its daemon saying so. */
const unexplained: Partial<Readonly<Record<Attempt["phase"], string>>> = {
  armed: "the new system never came as far as its daemon",
  trying: "the new system ended before it was kept: it crashed, hung or lost its power",
};
