/**
 * What one look at an object says, before delays. `reason` is a clause for people without a closing stop: `wan0 is down`.
 */
export interface Verdict {
  readonly isUp: boolean;
  /** False while what it depends on was never looked at: such an object counts as down. IOS: initial state down, unconfirmed. */
  readonly isKnown: boolean;
  readonly reason: string;
  /** The member that made it so. */
  readonly decidedBy?: string;
}

/** A verdict on what was seen. */
export function seen(isUp: boolean, reason: string): Verdict {
  return { isUp, isKnown: true, reason };
}

/** Nothing was seen yet. */
export function unseen(reason: string): Verdict {
  return { isUp: false, isKnown: false, reason };
}
