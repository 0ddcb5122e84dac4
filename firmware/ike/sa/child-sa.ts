/**
 * One Child SA: what was negotiated, its keys, where it is in its life. Turns itself into the two halves that the
 * kernel is given. Knows no exchange. RFC 7296 §2.8, §2.17; RFC 4301 §4.4.2.
 */
import type { SecurityAssociation } from "#dataplane/desired.ts";
import { Deadlines } from "#lib/deadlines.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { ChildConfig, Path } from "../connection.ts";
import type { WireTrafficSelector } from "../message/message.ts";
import type { DirectionKeys } from "./keymat.ts";
import { copySecret, wipeDirection } from "./keymat.ts";
import type { EspSuite } from "./proposal.ts";
import type { ChildTimer } from "./timers.ts";
import { prefixesOf } from "./traffic-selector.ts";

export type ChildState =
  /** Both halves are in the kernel; traffic leaves by it unless a newer one is. */
  | { readonly name: "installed" }
  /** Made by the peer's rekey: receives, but we send on the old one still. RFC 7296 §2.8 */
  | { readonly name: "inbound-only" }
  /** Our rekey of it is under way. */
  | { readonly name: "rekeying" }
  /** Our Delete of it is under way. RFC 7296 §1.4.1 */
  | { readonly name: "deleting" }
  /** Gone for both ends; the inbound half waits for packets on their way. */
  | { readonly name: "retired" }
  | { readonly name: "removed" };

/** Jittered and absolute lifetimes, as given to the kernel and to our own timers. */
export interface ChildLifetime {
  readonly soft: Duration;
  readonly hard: Duration;
  readonly softBytes?: number;
  readonly hardBytes?: number;
}

/** What a finished negotiation gives. `inbound` and `outbound` keys belong to the child from here. */
export interface ChildSaParameters {
  readonly client: string;
  readonly spiIn: number;
  readonly spiOut: number;
  readonly suite: EspSuite;
  readonly mode: ChildConfig["mode"];
  readonly inbound: DirectionKeys;
  readonly outbound: DirectionKeys;
  /** Our side's selectors as negotiated. */
  readonly local: readonly WireTrafficSelector[];
  readonly remote: readonly WireTrafficSelector[];
  readonly path: Path;
  readonly udpEncapsulation: boolean;
  readonly replayWindow: number;
  readonly offload: ChildConfig["offload"];
  readonly lifetime: ChildLifetime;
  readonly createdAt: MonotonicMs;
}

/** See the file's head. Fields that change are `state`, `path`, the kernel flags and the timers. */
export class ChildSa {
  readonly parameters: ChildSaParameters;
  readonly timers = new Deadlines<ChildTimer>();
  state: ChildState = { name: "installed" };
  path: Path;
  isInboundInstalled = false;
  isOutboundInstalled = false;
  /** The child that our or the peer's rekey made of this one. */
  replacedBy: ChildSa | undefined;
  /** The child that this one replaces. */
  replaces: ChildSa | undefined;

  constructor(parameters: ChildSaParameters) {
    this.parameters = parameters;
    this.path = parameters.path;
  }

  /** Ours; the peer sends with it. */
  get spiIn(): number {
    return this.parameters.spiIn;
  }

  /** The peer's; we send with it. */
  get spiOut(): number {
    return this.parameters.spiOut;
  }

  /** True while the child may carry traffic or be rekeyed: not being deleted and not gone. */
  get isLive(): boolean {
    const { name } = this.state;
    return name === "installed" || name === "inbound-only" || name === "rekeying";
  }

  /**
   * One half as the kernel takes it, with copies of the keys: the caller wipes them.
   * @throws {InvariantError} after `wipe()`.
   */
  securityAssociation(direction: "in" | "out"): SecurityAssociation {
    const { suite, lifetime, local, remote, inbound, outbound, ...given } = this.parameters;
    const keys = direction === "in" ? inbound : outbound;
    const { softBytes, hardBytes } = lifetime;
    return {
      spi: direction === "in" ? this.spiIn : this.spiOut,
      direction,
      source: direction === "in" ? this.path.remote : this.path.local,
      destination: direction === "in" ? this.path.local : this.path.remote,
      udpEncapsulation: given.udpEncapsulation,
      mode: given.mode,
      encryption: { id: suite.encryption.id, key: copySecret(keys.encryption) },
      ...(suite.integrity !== undefined &&
        keys.integrity && {
          integrity: { id: suite.integrity, key: copySecret(keys.integrity) },
        }),
      esn: suite.esn,
      replayWindow: direction === "in" ? given.replayWindow : 0,
      lifetime: {
        softSeconds: Math.ceil(lifetime.soft / 1_000),
        hardSeconds: Math.ceil(lifetime.hard / 1_000),
        ...(softBytes !== undefined && { softBytes }),
        ...(hardBytes !== undefined && { hardBytes }),
      },
      offload: given.offload,
      client: given.client,
      selectors: { local: prefixesOf(local), remote: prefixesOf(remote) },
    };
  }

  /** Wipes our copies of the keys; the kernel's stay until its SAs are removed. */
  wipe(): void {
    wipeDirection(this.parameters.inbound);
    wipeDirection(this.parameters.outbound);
  }
}
