/** What the world tells the track engine. It hears of facts, never of netlink messages, probes or processes. */
import type { ResolvedTrack, TrackState } from "#config/resolved-track.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import type { SlaReturnCode } from "#sla/return-code.ts";
import type { EventSubject } from "#state/event.ts";

/** Names one run of a script, never used again. */
export type ScriptRun = number & { readonly __brand: "ScriptRun" };

/** A route that the kernel would use: the best one to exactly its prefix. */
export interface RouteFact {
  /** The kernel's own metric, 0 to 2^32 - 1; lower is better. */
  readonly metric: number;
  /** The interface is on the network itself: a route that the kernel made of an address. */
  readonly isConnected: boolean;
  /** Interface of the first usable next hop. */
  readonly device?: string;
  readonly gateway?: IpAddress;
}

/** How a run of a script ended. */
export type ScriptOutcome =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "timed-out" }
  /** It could not be started; `why` in a few words: `no such file`. */
  | { readonly kind: "failed"; readonly why: string };

/** `cause` is the event that brought a fact about, where there is one. */
export type TrackInput =
  /** These are the objects from now on. Those that did not change keep their state; facts known so far hold. */
  | { readonly kind: "configure"; readonly tracks: Readonly<Record<string, ResolvedTrack>> }
  /** An interface came, went or changed, a tunnel of ours too; `addresses` is the complete list, without link-local ones. */
  | {
      readonly kind: "interface-changed";
      readonly name: string;
      readonly isUp: boolean;
      readonly addresses: readonly InterfaceAddress[];
      readonly cause?: EventSubject;
    }
  /** What the kernel has for a prefix. Without `route` there is none that can be used, for the reason that `why` gives. */
  | {
      readonly kind: "route-changed";
      readonly prefix: Prefix;
      readonly route?: RouteFact;
      readonly why?: string;
      readonly cause?: EventSubject;
    }
  /** A probe's return code is another one; `unknown` before its first result. */
  | {
      readonly kind: "sla-result";
      readonly operation: string;
      readonly code: SlaReturnCode;
      readonly cause?: EventSubject;
    }
  /** Answer to `run-script`. One for a run that is not awaited any more changes nothing. */
  | { readonly kind: "script-result"; readonly run: ScriptRun; readonly outcome: ScriptOutcome }
  /** Somebody sets a stub object. `by` says who in a word or two, for the event: `command line`. */
  | {
      readonly kind: "set-stub";
      readonly object: string;
      readonly state: TrackState;
      readonly by: string;
    }
  | { readonly kind: "timeout" };
