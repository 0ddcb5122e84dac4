/** What the native lane's client process is told, and what it tells. */
import type { DownReason, SessionOutcome } from "#ike/actions.ts";
import type { EventDraft } from "#state/event.ts";

export interface Order {
  readonly do: "rekey-ike" | "rekey-child" | "check-liveness" | "terminate";
}

export type Report =
  | { readonly kind: "sent"; readonly port: number; readonly bytes: number }
  | {
      readonly kind: "install-sa";
      /** Eight hexadecimal digits, as charon prints them. */
      readonly spi: string;
      readonly direction: "in" | "out";
      readonly udpEncapsulation: boolean;
      readonly encryption: number;
      readonly keyBytes: number;
      readonly esn: boolean;
      readonly selectors: {
        readonly local: readonly string[];
        readonly remote: readonly string[];
      };
    }
  | { readonly kind: "remove-sa"; readonly spi: string; readonly direction: "in" | "out" }
  | { readonly kind: "session-up"; readonly outcome: SessionOutcome }
  | { readonly kind: "session-down"; readonly reason: DownReason }
  | { readonly kind: "event"; readonly event: EventDraft }
  | { readonly kind: "other"; readonly action: string };
