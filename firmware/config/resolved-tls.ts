/** What a TLS connection to an observer of the branch is made with: a broker, a log server. */
import type { KeyObject } from "node:crypto";

export interface ResolvedTls {
  /** DER. Who may have issued the far end's certificate; absent: the authorities that Node comes with. */
  readonly authorities?: readonly Uint8Array[];
  /** What the branch proves itself with; absent when it does not. */
  readonly own?: {
    /** DER, leaf first. */
    readonly chain: readonly Uint8Array[];
    readonly key: KeyObject;
  };
}
