/** The part `system.clock` of the state document: what the clock of the machine is worth. */
export interface ClockState {
  /** Certificates are judged by it; else sessions by certificates are provisional. */
  readonly trusted: boolean;
  /** Something keeps it right, as the kernel says. */
  readonly synchronised: boolean;
  /** Why it is not trusted. */
  readonly reason?: string;
  /** The earliest that it can be, while it is not trusted. */
  readonly earliest?: string;
}
