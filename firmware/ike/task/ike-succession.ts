/** One IKE SA takes over from another: children, waiting requests and lifetimes go with it. RFC 7296 §2.8, §2.18. */
import { after } from "#lib/duration.ts";
import { formatIkeSpi } from "../message/message.ts";
import type { IkeSa } from "../sa/ike-sa.ts";
import { softLifetime } from "../sa/jitter.ts";
import { ABANDON_REPLACED } from "../sa/timers.ts";
import type { Turn } from "../sa/turn.ts";
import { describeIkeSuite } from "./describe.ts";

/** Arms the lifetimes of a fresh IKE SA. */
export function armIkeLifetime(turn: Turn, sa: IkeSa): void {
  const { lifetime } = sa.session.connection;
  sa.timers.arm("rekey", after(turn.now, softLifetime(lifetime, turn.random)));
  sa.timers.arm("expire", after(turn.now, lifetime));
}

/**
 * `fresh` serves the session from now. `old` waits for its Delete.
 * @param deleter who deletes `old`: the initiator of the rekey that won.
 */
export function succeed(turn: Turn, old: IkeSa, fresh: IkeSa, deleter: "us" | "peer"): void {
  const { session } = old;
  session.ike = fresh;
  session.ikeSas.add(fresh);
  for (const operation of old.queue.splice(0))
    if (operation.kind !== "rekey-ike") fresh.enqueue(operation);
  old.timers.cancelAll();
  if (deleter === "us") deleteSa(old);
  else {
    old.state = { name: "replaced" };
    old.timers.arm("abandon", after(turn.now, ABANDON_REPLACED));
  }
  armIkeLifetime(turn, fresh);
  session.ikeRekeys++;
  session.temporaryFailureSince = undefined;
  turn.counters.ikeRekeys++;
  turn.event(session, "informational", "FLEXSPOKE-6-IKE_REKEYED", "the IKE SA was rekeyed", {
    "spi-initiator": formatIkeSpi(fresh.spiInitiator),
    "spi-responder": formatIkeSpi(fresh.spiResponder),
    "replaced-spi-initiator": formatIkeSpi(old.spiInitiator),
    ...describeIkeSuite(fresh.suite),
  });
}

/** The Delete is an SA's last request. RFC 7296 §2.8 */
export function deleteSa(sa: IkeSa): void {
  sa.timers.cancelAll();
  sa.queue.length = 0;
  sa.state = { name: "deleting" };
  sa.enqueue({ kind: "delete-ike" });
}
