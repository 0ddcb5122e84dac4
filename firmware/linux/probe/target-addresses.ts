/**
 * The address behind a probe's target. Names are asked again after a minute, so that a probe ten times a second does not
 * ask ten times a second; the time that takes is no part of a round trip.
 */
import type { SlaHost } from "#config/resolved-sla.ts";
import { type Duration, milliseconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { ok, type Result } from "#lib/result.ts";
import { type DnsFault, resolveName } from "../dns/resolve.ts";

interface Known {
  readonly address: IpAddress;
  /** `performance.now` milliseconds. */
  readonly until: number;
}

export class TargetAddresses {
  readonly #known = new Map<string, Known>();

  /** The address, if it can be told without asking. */
  at(host: SlaHost): IpAddress | undefined {
    if (host.kind === "address") return host.address;
    const known = this.#known.get(host.name);
    return known !== undefined && known.until > performance.now() ? known.address : undefined;
  }

  /** Asks for the address, as every program of the machine asks. */
  async ask(name: string, timeout: Duration): Promise<Result<IpAddress, DnsFault>> {
    const answer = await resolveName({
      name,
      family: "dynamic",
      timeout: milliseconds(Math.min(timeout, LONGEST_WAIT)),
    });
    if (!answer.ok) return answer;
    const [address] = answer.value as readonly [IpAddress];
    if (this.#known.size >= MOST_NAMES) this.#known.clear();
    this.#known.set(name, { address, until: performance.now() + KEPT });
    return ok(address);
  }
}

const KEPT = 60_000;
const LONGEST_WAIT = 10_000;
const MOST_NAMES = 4_096;
