/**
 * One run of a dialer's program, or of the program that resets its modem, as both the engine and those who run programs
 * speak of it. It knows neither processes nor PPP.
 */

/** Names one run, never used again. */
export type LineId = number & { readonly __brand: "LineId" };

/** Why something is as it is; with a stable code and what to do when it is a fault. */
export interface DialWhy {
  readonly message: string;
  /** `dial.…` */
  readonly code?: string;
  readonly remedy?: string;
}

/** How a run ended. */
export interface LineEnd extends DialWhy {
  readonly code: string;
  /** True: the modem seems to be at fault, a reset may help. False: it surely is not. Undefined: who knows. */
  readonly isModemFault?: boolean;
}

/** A line that is up. */
export interface LineFacts {
  readonly interface?: string;
  /** Own address and the far end, as text, for the event. */
  readonly addresses?: readonly string[];
  /** Name servers that the provider gave. */
  readonly dns?: readonly string[];
}
