/**
 * The Child SA and the configuration that ride on IKE_AUTH. The peer is authenticated by now: what fails here fails the
 * child only, and policy ends a session that has none. RFC 7296 §1.2, §2.19, §2.21.2.
 */
import type { SessionOutcome } from "../actions.ts";
import type { Reason } from "../down-reason.ts";
import { NotifyType } from "../message/iana.ts";
import type { NotifyPayload } from "../message/message.ts";
import type { ChildSa } from "../sa/child-sa.ts";
import type { IkeSa } from "../sa/ike-sa.ts";
import type { InitTranscript } from "../sa/ike-sa-state.ts";
import type { ChildDraft } from "../sa/operation.ts";
import { formatSelectors, prefixesOf } from "../sa/traffic-selector.ts";
import type { Turn } from "../sa/turn.ts";
import { readChildAnswer } from "../task/child-answer.ts";
import { installInbound, installOutbound } from "../task/child-install.ts";
import { makeChild } from "../task/child-negotiation.ts";
import { type Assignment, processConfig } from "../task/config-exchange.ts";
import { describeNotify, describeProposals } from "../task/describe.ts";
import type { PayloadSet } from "../task/payload-set.ts";
import { closeSession, reasonFor } from "../task/session-end.ts";

/**
 * Installs the child, or closes the session with the reason why there is none.
 * @returns what the session got; undefined when it is being closed.
 */
export function acceptFirstChild(
  turn: Turn,
  sa: IkeSa,
  transcript: InitTranscript,
  draft: ChildDraft,
  payloads: PayloadSet,
): SessionOutcome | undefined {
  const { session } = sa;
  const { error } = payloads;
  if (error) {
    closeSession(turn, session, childRefusal(sa, draft, error));
    return undefined;
  }
  const answer = readChildAnswer(session, draft, payloads);
  if (!answer.ok) {
    closeSession(turn, session, answer.error);
    return undefined;
  }
  const assigned = processConfig(payloads.first("CP"));
  const { request } = session.connection;
  if ((request.ipv4 || request.ipv6) && !assigned.ipv4 && !assigned.ipv6) {
    const notify = "no address in its configuration payload";
    closeSession(turn, session, reasonFor(session, "ike.child.no-address", { notify }));
    return undefined;
  }
  const nonces = { initiator: transcript.nonceInitiator, responder: transcript.nonceResponder };
  const child = makeChild(turn, sa, {
    ...answer.value,
    nonces,
    sharedSecret: undefined,
    isInitiator: true,
  });
  installInbound(turn, session, child);
  installOutbound(turn, session, child);
  tellUnusableBackups(turn, sa, assigned);
  return outcomeOf(sa, child, assigned);
}

/** Why a hub that authenticated itself made no child. */
export function childRefusal(sa: IkeSa, draft: ChildDraft, error: NotifyPayload): Reason {
  const { session } = sa;
  switch (error.notify) {
    case NotifyType.NO_PROPOSAL_CHOSEN:
      return reasonFor(session, "ike.child.no-proposal", {
        offered: describeProposals(draft.offered),
        chosen: "none (NO_PROPOSAL_CHOSEN)",
      });
    case NotifyType.TS_UNACCEPTABLE:
      return reasonFor(session, "ike.child.ts-unacceptable", {
        local: formatSelectors(draft.local),
        remote: formatSelectors(draft.remote),
      });
    case NotifyType.INTERNAL_ADDRESS_FAILURE:
    case NotifyType.FAILED_CP_REQUIRED:
      return reasonFor(session, "ike.child.no-address", { notify: describeNotify(error) });
    default:
      return reasonFor(session, "ike.child.refused", { notify: describeNotify(error) });
  }
}

/** A hub's administrator would want to know; the session is none the worse for it. */
function tellUnusableBackups(
  turn: Turn,
  { session }: IkeSa,
  { unusableBackups }: Assignment,
): void {
  if (unusableBackups.length === 0) return;
  const shown = unusableBackups.join(", ");
  const text = `the hub names backup gateways that are no addresses or names: ${shown}; they are left out`;
  const data = { unusable: unusableBackups, remedy: "correct the backup gateways on the hub" };
  turn.event(session, "warning", "FLEXSPOKE-4-BACKUP_GATEWAY_UNUSABLE", text, data);
}

function outcomeOf(sa: IkeSa, child: ChildSa, assigned: Assignment): SessionOutcome {
  const { session, peer } = sa;
  const { ipv4, ipv6, dns, domains, subnets, banner, backupServers, excluded } = assigned;
  return {
    peerIdentity: session.peerIdentity ?? "",
    assigned: { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) },
    dns,
    domains,
    subnets,
    excludedSubnets: excluded,
    backupServers,
    localSelectors: prefixesOf(child.parameters.local),
    remoteSelectors: prefixesOf(child.parameters.remote),
    ...(banner !== undefined && { banner }),
    natDetected: { local: peer.natLocal, remote: peer.natRemote },
    path: session.path,
  };
}
