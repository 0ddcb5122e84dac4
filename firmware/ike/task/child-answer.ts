/** Checks a responder's answer for a Child SA against what we asked. RFC 7296 §2.7, §2.9, §1.3.1. */
import { failed, ok, type Result } from "#lib/result.ts";
import type { Reason } from "../down-reason.ts";
import { NotifyType } from "../message/iana.ts";
import type { Session } from "../sa/ike-sa.ts";
import type { ChildDraft } from "../sa/operation.ts";
import { acceptEsp } from "../sa/proposal.ts";
import { formatSelectors, isNarrowing } from "../sa/traffic-selector.ts";
import type { NegotiatedChild } from "./child-negotiation.ts";
import { describeProposals } from "./describe.ts";
import { spiFromBytes } from "./notify.ts";
import type { PayloadSet } from "./payload-set.ts";
import { reasonFor } from "./session-end.ts";

/** What of a child the answer settles; keys come from elsewhere. */
export type AgreedChild = Pick<
  NegotiatedChild,
  "spiIn" | "spiOut" | "suite" | "mode" | "local" | "remote"
>;

/** @returns the agreement, or the reason why the answer is none. */
export function readChildAnswer(
  session: Session,
  draft: ChildDraft,
  payloads: PayloadSet,
): Result<AgreedChild, Reason> {
  const answered = payloads.first("SA")?.proposals ?? [];
  const choice = acceptEsp(draft.offered, answered);
  if (!choice.ok)
    return failed(
      reasonFor(session, "ike.child.no-proposal", {
        offered: describeProposals(draft.offered),
        chosen: `${describeProposals(answered)} (${choice.error})`,
      }),
    );
  const local = payloads.first("TSi")?.selectors ?? [];
  const remote = payloads.first("TSr")?.selectors ?? [];
  if (!isNarrowing(local, draft.local) || !isNarrowing(remote, draft.remote))
    return failed(
      reasonFor(session, "ike.child.ts-invalid", {
        local: formatSelectors(local),
        remote: formatSelectors(remote),
      }),
    );
  const wantsTransport = session.connection.child.mode === "transport";
  const isTransport = wantsTransport && payloads.notify(NotifyType.USE_TRANSPORT_MODE);
  return ok({
    spiIn: draft.spi,
    spiOut: spiFromBytes(choice.value.proposal.spi) ?? 0,
    suite: choice.value.suite,
    mode: isTransport ? "transport" : "tunnel",
    local,
    remote,
  });
}
