/** Dialers with every default filled in: what the dial engine and those who dial work with. */
import type { Duration } from "#lib/duration.ts";
import type { SecretBytes } from "#lib/secret.ts";

/** One entry of `dialers`. */
export interface ResolvedDialer {
  readonly name: string;
  readonly line: DialLine;
  /** The interface that the line becomes; undefined where only the line itself can tell. */
  readonly interface?: string;
  /** A track object in this state demands the line, beside the clients that do; or it is wanted at all times. */
  readonly demand?: "always" | { readonly track: string; readonly state: "up" | "down" };
  /** How long a line that nobody demands any more is kept. */
  readonly idle: Duration;
  /** How long an attempt may take to come up. */
  readonly timeout: Duration;
  /** Waits after failures: `initial` after the first, doubling up to `max`. */
  readonly backoff: { readonly initial: Duration; readonly max: Duration };
  /** Program and arguments that reset the modem; for ModemManager it knows itself how. */
  readonly reset?: readonly string[];
  /** Metric of the default route by this line; large, so that every other way is preferred. */
  readonly metric: number;
}

/** How a line is dialled. */
export type DialLine =
  /** pppd(8), with the options of a file in /etc/ppp/peers. */
  | { readonly kind: "pppd"; readonly peer: string }
  /** pppd(8) with its PPPoE plugin. RFC 2516 */
  | {
      readonly kind: "pppoe";
      readonly interface: string;
      readonly username: string;
      readonly password: SecretBytes;
      readonly service?: string;
      readonly accessConcentrator?: string;
    }
  /** mmcli(1) */
  | {
      readonly kind: "modem-manager";
      /** `any`, an index, a path or an identifier, as `mmcli -m` takes it. */
      readonly modem: string;
      readonly apn?: string;
      /** A profile stored in the modem, with its own user and password. */
      readonly profile?: number;
      /** Which of the modem's bearers carries the traffic, 0 is the first of its list; the connected one when left out. */
      readonly bearer?: number;
    }
  /** `up` ends when the line is up and `down` takes it down; without `down` the line lasts as long as `up` runs. */
  | {
      readonly kind: "commands";
      readonly up: readonly string[];
      readonly down?: readonly string[];
    };
