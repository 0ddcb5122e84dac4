/** Where the branch speaks: `<prefix>/<client-id>/…`, the contract with everybody who subscribes. */
export interface Topics {
  /** `online`, or `offline` by the last will. Retained. */
  readonly status: string;
  /** What the branch is now, compact. Retained. */
  readonly state: string;
  /** Every event, in order. */
  readonly event: string;
  /** Counters, round-trip times, the machine. */
  readonly metrics: string;
  /** What the last rehearsal of each client found. Retained. */
  readonly rehearsal: string;
  /** Where commands are heard, and where they are answered. */
  readonly command: string;
  readonly reply: string;
}

export function topicsOf(prefix: string, clientId: string): Topics {
  const at = (name: string): string => `${prefix}/${clientId}/${name}`;
  return {
    status: at("status"),
    state: at("state"),
    event: at("event"),
    metrics: at("metrics"),
    rehearsal: at("rehearsal"),
    command: at("cmd"),
    reply: at("cmd/reply"),
  };
}
