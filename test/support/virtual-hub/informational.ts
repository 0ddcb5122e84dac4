/** How the virtual hub answers INFORMATIONAL: liveness, deletes, configuration. RFC 7296 §1.4, §2.25 */
import type { HubChild } from "./child-sa.ts";
import { CFG } from "./configuration.ts";
import type { HubCore } from "./core.ts";
import { findChild } from "./create-child.ts";
import type { Answer, HubIkeSa } from "./ike-sa.ts";
import {
  cp,
  EXCHANGE,
  find,
  findError,
  NOTIFY,
  notify,
  PAYLOAD,
  PROTOCOL,
  readCp,
  readDelete,
  remove,
  type WirePayload,
} from "./wire.ts";

/** Answers an INFORMATIONAL request of the branch. */
export function answerInformational(
  core: HubCore,
  sa: HubIkeSa,
  payloads: readonly WirePayload[],
): Answer {
  const ordered = core.impairments.take("refuse", (i) => i.exchange === EXCHANGE.INFORMATIONAL);
  if (ordered) return { payloads: [notify(ordered.notify, ordered.data)] };
  const critical = payloads.find((p) => p.isCritical && p.type > PAYLOAD.SKF);
  if (critical) {
    const data = Uint8Array.of(critical.type);
    return { payloads: [notify(NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD, data)] };
  }
  const error = findError(payloads);
  if (error && isFatal(error.type)) {
    return { payloads: [], afterwards: () => core.forget(sa) };
  }
  const answer: WirePayload[] = [];
  const set = find(payloads, PAYLOAD.CP);
  if (set) {
    const { attributes } = readCp(set.body);
    answer.push(
      cp(
        CFG.ACK,
        attributes.map(({ type }) => ({ type, value: new Uint8Array() })),
      ),
    );
  }
  const deletes = payloads.filter((p) => p.type === PAYLOAD.D).map((p) => readDelete(p.body));
  if (deletes.some(({ protocol }) => protocol === PROTOCOL.IKE)) {
    return { payloads: [], afterwards: () => closeByBranch(core, sa) };
  }
  const spis = deletes.filter((d) => d.protocol === PROTOCOL.ESP).flatMap((d) => d.spis);
  const closed = spis.flatMap((spi) => closeChild(core, sa, spi));
  if (closed.length > 0) answer.push(remove(PROTOCOL.ESP, closed));
  return { payloads: answer };
}

function isFatal(notify: number): boolean {
  return (
    notify === NOTIFY.AUTHENTICATION_FAILED ||
    notify === NOTIFY.INVALID_SYNTAX ||
    notify === NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD
  );
}

/** @returns the hub's own half to name in the answer; nothing when the hub is closing it already. */
function closeChild(core: HubCore, sa: HubIkeSa, spi: number): number[] {
  const child = findChild(core, sa, spi);
  if (!child) return [];
  const isAlreadyClosing = child.state === "deleting";
  dropChild(child);
  return isAlreadyClosing ? [] : [child.spiIn];
}

/** Removes a child from the hub. */
export function dropChild(child: HubChild): void {
  child.state = "gone";
  child.owner.children.delete(child);
}

/** RFC 7296 §2.8.2: a branch that deletes the SA which the hub is rekeying has won or knows of no collision. */
function closeByBranch(core: HubCore, sa: HubIkeSa): void {
  const { collision } = sa;
  if (collision && collision.sa.state !== "gone" && sa.children.size > 0) {
    sa.handOver(collision.sa);
    core.watch(collision.sa);
    collision.sa.next();
  }
  core.forget(sa);
}
