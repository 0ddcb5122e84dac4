/** What a command ends with. interfaces: 0 done, 1 failed, 2 wrong usage or configuration, 3 no daemon. */
export const exitStatus = { done: 0, failed: 1, usage: 2, notRunning: 3 } as const;

/** Ends a command: `message` is one line for stderr that says what to do next. */
export class CliFault extends Error {
  override readonly name = "CliFault";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
