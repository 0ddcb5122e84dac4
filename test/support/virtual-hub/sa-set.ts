/** The IKE SAs of a virtual hub, found by SPI at once: a hub of thousands of branches gets every datagram this way. */
import type { HubIkeSa } from "./ike-sa.ts";

export class SaSet extends Set<HubIkeSa> {
  /** By the initiator's SPI, which the answers to one IKE_SA_INIT share. */
  readonly #byInitiator = new Map<bigint, Set<HubIkeSa>>();

  override add(sa: HubIkeSa): this {
    const same = this.#byInitiator.get(sa.spiInitiator) ?? new Set<HubIkeSa>();
    this.#byInitiator.set(sa.spiInitiator, same.add(sa));
    return super.add(sa);
  }

  override delete(sa: HubIkeSa): boolean {
    const same = this.#byInitiator.get(sa.spiInitiator);
    same?.delete(sa);
    if (same?.size === 0) this.#byInitiator.delete(sa.spiInitiator);
    return super.delete(sa);
  }

  /** Oldest first. */
  withInitiator(spi: bigint): readonly HubIkeSa[] {
    return [...(this.#byInitiator.get(spi) ?? [])];
  }
}
