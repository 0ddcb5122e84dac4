/**
 * Turns wanted operations into requests, as the window allows and in their order. What may not run beside each other
 * (a rekey or Delete of the IKE SA, and anything else) waits. RFC 7296 §2.3, §2.25.
 */
import { ExchangeType, SecurityProtocol } from "../message/iana.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import type { Draft, Operation } from "../sa/operation.ts";
import type { Turn } from "../sa/turn.ts";
import { spiBytes } from "../task/notify.ts";
import { endSession } from "../task/session-end.ts";
import { requestChild, requestChildRekey } from "./create-child-sa.ts";
import { buildAuthRequest, dropCandidate } from "./ike-auth.ts";
import { requestIkeRekey } from "./rekey-ike-sa.ts";
import { sendRequest } from "./send.ts";

/** Sends all that the windows of a session's SAs have room for. */
export function sendQueued(turn: Turn, session: Session): void {
  for (const sa of [...session.ikeSas]) {
    while (sa.requests.hasRoom && !session.isOver) {
      const next = sa.queue[0];
      if (!next || !mayStart(sa, next)) break;
      sa.queue.shift();
      start(turn, sa, next);
    }
  }
}

function mayStart(sa: IkeSa, operation: Operation): boolean {
  if (sa.requests.isIdle) return true;
  if (isExclusive(operation)) return false;
  return !sa.requests.outstanding().some((one) => isExclusive(one.operation));
}

function isExclusive({ kind }: Operation): boolean {
  return kind !== "liveness" && kind !== "delete-child";
}

function start(turn: Turn, sa: IkeSa, operation: Operation): void {
  const { session } = sa;
  const inform = (payloads: Parameters<typeof sendRequest>[5]): void =>
    sendRequest(turn, sa, ExchangeType.INFORMATIONAL, operation, NO_DRAFT, payloads);
  switch (operation.kind) {
    case "authenticate": {
      const built = buildAuthRequest(sa);
      if (built.ok) sendRequest(turn, sa, ExchangeType.IKE_AUTH, operation, NO_DRAFT, built.value);
      else {
        dropCandidate(turn, sa, built.error);
        endSession(turn, session, built.error);
      }
      return;
    }
    case "create-child":
      requestChild(turn, sa, operation);
      return;
    case "rekey-child":
      requestChildRekey(turn, sa, operation);
      return;
    case "rekey-ike":
      requestIkeRekey(turn, sa, operation);
      return;
    case "delete-child": {
      const { child } = operation;
      if (!child.isLive) return;
      child.state = { name: "deleting" };
      const spis = [spiBytes(child.spiIn)];
      inform([{ type: "Delete", protocol: SecurityProtocol.ESP, spis }]);
      return;
    }
    case "delete-ike":
      inform([{ type: "Delete", protocol: SecurityProtocol.IKE, spis: [] }]);
      return;
    case "liveness":
      inform([]);
      return;
    case "notify":
      inform(operation.payloads);
      return;
  }
}

const NO_DRAFT: Draft = { kind: "none" };
