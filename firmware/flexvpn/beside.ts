/**
 * All sessions of one client beside the one that carries its traffic: the standby, the way back, the rehearsal. It hands
 * news to the one they are for; what they are for is theirs.
 */
import type { SessionId } from "#ike/inputs.ts";
import { earliest } from "#lib/deadlines.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import type { ResolutionId } from "./inputs.ts";
import { Reactivation } from "./reactivation.ts";
import { Rehearsal } from "./rehearsal.ts";
import type { SideNews, SideSession } from "./side-session.ts";
import { Standby } from "./standby.ts";
import type { ReadySession } from "./states.ts";
import { wayKey } from "./ways.ts";

export class Beside {
  readonly standby: Standby;
  readonly reactivation: Reactivation;
  readonly rehearsal: Rehearsal;

  /** @param move gets the session that the client's traffic should move to. */
  constructor(
    memory: ClientMemory,
    context: ClientContext,
    move: (session: ReadySession, heldFor: Duration) => void,
  ) {
    this.standby = new Standby(memory, context);
    this.reactivation = new Reactivation(memory, context, move, (way) => {
      const { side } = this.standby;
      return side && wayKey(side.way) === wayKey(way) ? this.standby.release() : undefined;
    });
    this.rehearsal = new Rehearsal(memory, context, () => this.standby.side);
  }

  /** Addresses that a session beside is with. */
  get addresses(): readonly IpAddress[] {
    return this.#sides.flatMap(({ open }) => (open ? [open.address] : []));
  }

  /** @returns false when the session is none of these. */
  session(session: SessionId, news: SideNews): boolean {
    const side = this.#sides.find((each) => each.session === session);
    side?.take(news);
    return side !== undefined;
  }

  /** @returns false when the question is none of these'. */
  answer(resolution: ResolutionId, news: SideNews): boolean {
    const side = this.#sides.find((each) => each.resolution === resolution);
    side?.take(news);
    return side !== undefined;
  }

  /** Brings all of them in line with what should be. */
  review(): void {
    this.reactivation.review();
    this.standby.review();
    this.rehearsal.review();
  }

  /** When the first of them has taken too long. */
  nextTimeout(): MonotonicMs | undefined {
    return earliest(...this.#sides.map((side) => (side.ready ? undefined : side.limit)));
  }

  /** Gives up what has taken too long. */
  expire(now: MonotonicMs): void {
    for (const side of this.#sides) side.expire(now);
  }

  get #sides(): readonly SideSession[] {
    const sides = [this.standby.side, this.reactivation.side, this.rehearsal.side];
    return sides.filter((side) => side !== undefined);
  }
}
