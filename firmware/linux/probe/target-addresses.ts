/**
 * The addresses behind a probe's target. Names are asked again after a minute, so that a probe ten times a second does not
 * ask ten times a second; the time that takes is no part of a round trip.
 */
import type { SlaHost } from "#config/resolved-sla.ts";
import { type Duration, milliseconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { ok, type Result } from "#lib/result.ts";
import { type DnsFault, resolveName } from "../dns/resolve.ts";

/** Best first, never empty. */
export type Addresses = readonly [IpAddress, ...IpAddress[]];

interface Known {
  readonly addresses: Addresses;
  /** `performance.now` milliseconds. */
  readonly until: number;
}

export class TargetAddresses {
  readonly #known = new Map<string, Known>();

  /** The addresses, if they can be told without asking. */
  at(host: SlaHost): Addresses | undefined {
    if (host.kind === "address") return [host.address];
    const known = this.#known.get(host.name);
    return known !== undefined && known.until > performance.now() ? known.addresses : undefined;
  }

  /** Asks for the addresses, as every program of the machine asks. */
  async ask(name: string, timeout: Duration): Promise<Result<Addresses, DnsFault>> {
    const answer = await resolveName({
      name,
      family: "dynamic",
      timeout: milliseconds(Math.min(timeout, LONGEST_WAIT)),
    });
    if (!answer.ok) return answer;
    const addresses = answer.value as Addresses;
    if (this.#known.size >= MOST_NAMES) this.#known.clear();
    this.#known.set(name, { addresses, until: performance.now() + KEPT });
    return ok(addresses);
  }
}

const KEPT = 60_000;
const LONGEST_WAIT = 10_000;
const MOST_NAMES = 4_096;
