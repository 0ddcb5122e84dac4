/**
 * INFORMATIONAL both ways: Deletes, liveness, pushed configuration, and an answer to whatever the peer asks.
 * RFC 7296 §1.4, §2.4, §2.25.
 */
import { CfgType, NotifyType, SecurityProtocol } from "../message/iana.ts";
import type { CpPayload, Payload } from "../message/message.ts";
import { finishChild, processChildDelete } from "../task/child-delete.ts";
import { buildConfigAck, buildEmptyConfigReply } from "../task/config-exchange.ts";
import { describeNotify } from "../task/describe.ts";
import { notify } from "../task/notify.ts";
import { readPeerStatus } from "../task/peer-status.ts";
import { closeIkeSa, endSession, reasonFor } from "../task/session-end.ts";
import type { Exchange } from "./exchange.ts";
import { yieldToPeer } from "./rekey-ike-sa.ts";
import { sendResponse } from "./send.ts";

/** TEMPORARY_FAILURE to what would change an SA that is being rekeyed or closed. RFC 7296 §2.25 */
export function answerNotNow(exchange: Exchange): void {
  respond(exchange, [notify(NotifyType.TEMPORARY_FAILURE)]);
}

/** What is inside decides; what is unknown gets an empty answer. */
export function answerInformational(exchange: Exchange): void {
  const { turn, sa, payloads } = exchange;
  const { session } = sa;
  const answer: Payload[] = [];
  for (const payload of payloads.every("Delete")) {
    if (payload.protocol === SecurityProtocol.IKE) {
      respond(exchange, []);
      ikeDeletedByPeer(exchange);
      return;
    }
    if (payload.protocol === SecurityProtocol.ESP)
      answer.push(...processChildDelete(turn, session, payload));
  }
  for (const payload of payloads.every("CP")) answer.push(...answerConfig(exchange, payload));
  readPeerStatus(turn, sa, payloads);
  respond(exchange, answer);
  const { error } = payloads;
  if (error && FATAL.includes(error.notify)) {
    const parameters = { exchange: "the session", notify: describeNotify(error) };
    endSession(turn, session, reasonFor(session, "ike.refused", parameters));
  }
}

/** The peer answered our Delete of a child, with its half or, when Deletes crossed, without. RFC 7296 §1.4.1 */
export function childDeleted({ turn, sa, request }: Exchange): void {
  if (request?.operation.kind === "delete-child")
    finishChild(turn, sa.session, request.operation.child);
}

/** The peer answered our last request on this SA. */
export function ikeDeleted({ turn, sa }: Exchange): void {
  const { session } = sa;
  const { ending } = session;
  closeIkeSa(session, sa);
  if (session.ike === sa && ending) endSession(turn, session, ending);
}

/** Delete of the IKE SA: with it all goes, unless another one took over. RFC 7296 §2.25.2 */
function ikeDeletedByPeer({ turn, sa }: Exchange): void {
  const { session } = sa;
  yieldToPeer(turn, sa);
  if (session.ike !== sa) closeIkeSa(session, sa);
  else endSession(turn, session, session.ending ?? reasonFor(session, "ike.peer-deleted"));
}

/** CFG_SET is acknowledged as a whole; a hub that asks us gets an empty reply. RFC 7296 §2.19, §3.15 */
function answerConfig({ turn, sa }: Exchange, payload: CpPayload): readonly Payload[] {
  if (payload.cfgType === CfgType.CFG_REQUEST) return [buildEmptyConfigReply()];
  if (payload.cfgType !== CfgType.CFG_SET) return [];
  const text = "the hub pushed a configuration";
  turn.event(sa.session, "informational", "FLEXSPOKE-6-CONFIG_SET", text, {
    attributes: payload.attributes.map(({ type }) => type),
  });
  return [buildConfigAck(payload)];
}

function respond({ turn, sa, arrived }: Exchange, payloads: readonly Payload[]): void {
  const { messageId } = arrived.header;
  const { exchange } = arrived.header;
  sendResponse(turn, sa, { exchange, messageId, to: arrived.path }, payloads);
}

/** Errors that end an IKE SA without a Delete. RFC 7296 §2.21.2, §2.21.3 */
const FATAL: readonly number[] = [NotifyType.AUTHENTICATION_FAILED, NotifyType.INVALID_SYNTAX];
