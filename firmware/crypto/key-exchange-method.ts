import type { RandomSource } from "#lib/engine.ts";
import type { SecretBytes } from "#lib/secret.ts";

/** What each family of methods brings; lengths are checked here, once. */
export interface KeyExchangeMethod {
  readonly id: number;
  /** As logs and `show` print it. */
  readonly name: string;
  /** Bytes of the Key Exchange Data, in both directions. */
  readonly publicValueBytes: number;
  /** A fresh private key drawn from `random`, and what it gives. `combine` returns undefined for a value that is refused. */
  generate(random: RandomSource): {
    readonly publicValue: Uint8Array;
    readonly combine: (peerPublicValue: Uint8Array) => SecretBytes | undefined;
  };
}
