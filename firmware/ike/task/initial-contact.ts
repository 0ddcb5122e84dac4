/** Tells the hub to forget IKE SAs that an earlier life of this branch left there. RFC 7296 §2.4. */
import type { IkeConnection } from "../connection.ts";
import { NotifyType } from "../message/iana.ts";
import type { Payload } from "../message/message.ts";
import { notify } from "./notify.ts";

/** INITIAL_CONTACT of the first IKE_AUTH, unless this identity is shared or has another SA. */
export function buildInitialContact(connection: IkeConnection): readonly Payload[] {
  return connection.initialContact ? [notify(NotifyType.INITIAL_CONTACT)] : [];
}
