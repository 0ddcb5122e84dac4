/** Why an update is refused or failed: a stable code and one sentence that says what to do. */
export interface UpdateFault {
  readonly code: UpdateFaultCode;
  readonly message: string;
}

export type UpdateFaultCode =
  /** It is no bundle at all, or of a later form. */
  | "update.not-a-bundle"
  /** It ends before it is whole, or goes on after it. */
  | "update.truncated"
  | "update.too-long"
  /** No key of this device made the signature. */
  | "update.unsigned"
  /** A chunk is not what the signed manifest says. */
  | "update.damaged"
  | "update.manifest"
  | "update.wrong-board"
  | "update.older"
  | "update.too-large"
  /** The device can't take one now, or never. */
  | "update.not-here"
  | "update.busy"
  | "update.on-trial"
  | "update.not-on-trial"
  | "update.nothing-to-roll-back"
  /** The disk did not do what it was told. */
  | "update.disk";

/** @internal A short hand for those who refuse. */
export const updateFault = (code: UpdateFaultCode, message: string): UpdateFault => ({
  code,
  message,
});
