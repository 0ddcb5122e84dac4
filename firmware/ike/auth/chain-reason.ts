import type { PkiFault } from "#pki/fault.ts";
import type { Reason } from "../down-reason.ts";
import type { Session } from "../sa/ike-sa.ts";
import { reasonFor } from "../task/session-end.ts";

/** Why a peer can't be believed whose chain does not hold. */
export function chainReason(session: Session, { code, message }: PkiFault): Reason {
  const parameters = { detail: message, fault: code };
  switch (code) {
    case "pki.expired":
    case "pki.not-yet-valid":
      return reasonFor(session, "ike.auth.certificate-expired", parameters);
    case "pki.untrusted":
    case "pki.bad-signature":
      return reasonFor(session, "ike.auth.certificate-untrusted", parameters);
    default:
      return reasonFor(session, "ike.auth.certificate-invalid", parameters);
  }
}
