/**
 * The one table of what may be received when, and what it leads to. Rows are tried in order by
 * `transition-lookup.ts`; the work behind `run` is in `exchange/handlers.ts`. RFC 7296 §1.2 to §1.4, §2.8, §2.25.
 */
import type { Payload } from "../message/message.ts";
import type { IkeSaStateName } from "./ike-sa-state.ts";
import type { OperationKind } from "./operation.ts";

/** A payload type, or a notify by its IANA name. */
export type PayloadName = Payload["type"] | `N(${string})`;
/** What the message is to the exchange. */
export type MessageRole = "request" | "response";
export type ExchangeName = "IKE_SA_INIT" | "IKE_AUTH" | "CREATE_CHILD_SA" | "INFORMATIONAL";

/** Handlers, by what they do. */
export type RunName =
  | "answerCookie"
  | "retryKeyExchange"
  | "acceptInitResponse"
  | "noteInitRefusal"
  | "acceptAuthResponse"
  | "noteAuthRefusal"
  | "answerChildRekey"
  | "answerNewChild"
  | "answerIkeRekey"
  | "answerNotNow"
  | "acceptChild"
  | "retryChildKeyExchange"
  | "retryChildLater"
  | "replaceMissingChild"
  | "startAnew"
  | "childRefused"
  | "acceptIkeRekey"
  | "retryIkeRekeyKeyExchange"
  | "retryIkeRekeyLater"
  | "ikeRekeyRefused"
  | "childDeleted"
  | "ikeDeleted"
  | "peerIsAlive"
  | "answerInformational";

/** One row. Rows are tried in order; the first whose required payloads are all there takes the message. */
export interface Transition {
  readonly in: readonly IkeSaStateName[];
  readonly role: MessageRole;
  readonly exchange: ExchangeName;
  /** For responses: what the request was. Absent where the exchange says it all. */
  readonly operation?: readonly OperationKind[];
  readonly required: readonly PayloadName[];
  /** Payloads that are looked at when there; all others are ignored. */
  readonly optional: readonly PayloadName[];
  /** Every state the SA may be in afterwards. */
  readonly to: readonly IkeSaStateName[];
  readonly run: RunName;
}

const child: readonly OperationKind[] = ["create-child", "rekey-child"];
/** States of an SA whose peer is authenticated. */
const live: readonly IkeSaStateName[] = ["established", "rekeying", "replaced", "deleting"];

/** See the file's head. */
export const transitions: readonly Transition[] = [
  // RFC 7296 §2.6
  {
    in: ["init-sent"],
    role: "response",
    exchange: "IKE_SA_INIT",
    required: ["N(COOKIE)"],
    optional: [],
    to: ["init-sent"],
    run: "answerCookie",
  },
  // RFC 7296 §1.2, §2.7
  {
    in: ["init-sent"],
    role: "response",
    exchange: "IKE_SA_INIT",
    required: ["N(INVALID_KE_PAYLOAD)"],
    optional: [],
    to: ["init-sent"],
    run: "retryKeyExchange",
  },
  // RFC 7296 §1.2; the attempt stays, a candidate in auth-sent is added
  {
    in: ["init-sent"],
    role: "response",
    exchange: "IKE_SA_INIT",
    required: ["SA", "KE", "Nonce"],
    optional: ["Notify", "VendorId", "CERTREQ"],
    to: ["init-sent"],
    run: "acceptInitResponse",
  },
  // RFC 7296 §2.21.1; catch-all
  {
    in: ["init-sent"],
    role: "response",
    exchange: "IKE_SA_INIT",
    required: [],
    optional: ["Notify"],
    to: ["init-sent"],
    run: "noteInitRefusal",
  },

  // RFC 7296 §1.2
  {
    in: ["auth-sent"],
    role: "response",
    exchange: "IKE_AUTH",
    required: ["IDr", "AUTH"],
    optional: ["CERT", "CP", "SA", "TSi", "TSr", "Notify", "VendorId"],
    to: ["established", "deleting", "closed"],
    run: "acceptAuthResponse",
  },
  // RFC 7296 §2.21.2; catch-all
  {
    in: ["auth-sent"],
    role: "response",
    exchange: "IKE_AUTH",
    required: [],
    optional: ["Notify"],
    to: ["closed"],
    run: "noteAuthRefusal",
  },

  // RFC 7296 §1.3.3, §2.8.1
  {
    in: ["established"],
    role: "request",
    exchange: "CREATE_CHILD_SA",
    required: ["N(REKEY_SA)", "SA", "Nonce", "TSi", "TSr"],
    optional: ["KE", "Notify"],
    to: ["established"],
    run: "answerChildRekey",
  },
  // RFC 7296 §1.3.1
  {
    in: ["established"],
    role: "request",
    exchange: "CREATE_CHILD_SA",
    required: ["SA", "Nonce", "TSi", "TSr"],
    optional: ["KE", "Notify"],
    to: ["established"],
    run: "answerNewChild",
  },
  // RFC 7296 §2.25.2: no child may be made while the IKE SA is rekeyed
  {
    in: ["rekeying"],
    role: "request",
    exchange: "CREATE_CHILD_SA",
    required: ["SA", "Nonce", "TSi", "TSr"],
    optional: [],
    to: ["rekeying"],
    run: "answerNotNow",
  },
  // RFC 7296 §1.3.2, §2.8.2
  {
    in: ["established", "rekeying"],
    role: "request",
    exchange: "CREATE_CHILD_SA",
    required: ["SA", "Nonce", "KE"],
    optional: ["Notify"],
    to: ["established", "rekeying", "replaced"],
    run: "answerIkeRekey",
  },
  // RFC 7296 §2.25.2: already being closed
  {
    in: ["replaced", "deleting"],
    role: "request",
    exchange: "CREATE_CHILD_SA",
    required: [],
    optional: [],
    to: ["replaced", "deleting"],
    run: "answerNotNow",
  },

  // RFC 7296 §2.25
  {
    in: ["established"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: child,
    required: ["N(TEMPORARY_FAILURE)"],
    optional: [],
    to: ["established", "deleting"],
    run: "retryChildLater",
  },
  // RFC 7296 §1.3
  {
    in: ["established"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: child,
    required: ["N(INVALID_KE_PAYLOAD)"],
    optional: [],
    to: ["established"],
    run: "retryChildKeyExchange",
  },
  // RFC 7296 §2.25
  {
    in: ["established"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: child,
    required: ["N(CHILD_SA_NOT_FOUND)"],
    optional: [],
    to: ["established"],
    run: "replaceMissingChild",
  },
  // RFC 7296 §1.3
  {
    in: ["established"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: child,
    required: ["N(NO_ADDITIONAL_SAS)"],
    optional: [],
    to: ["deleting"],
    run: "startAnew",
  },
  // RFC 7296 §1.3.1, §1.3.3, §2.8.1
  {
    in: ["established"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: child,
    required: ["SA", "Nonce", "TSi", "TSr"],
    optional: ["KE", "Notify"],
    to: ["established", "deleting"],
    run: "acceptChild",
  },
  // RFC 7296 §1.3; catch-all
  {
    in: ["established"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: child,
    required: [],
    optional: ["Notify"],
    to: ["established", "deleting"],
    run: "childRefused",
  },

  // RFC 7296 §2.25
  {
    in: ["rekeying"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: ["rekey-ike"],
    required: ["N(TEMPORARY_FAILURE)"],
    optional: [],
    to: ["established", "replaced", "deleting"],
    run: "retryIkeRekeyLater",
  },
  // RFC 7296 §1.3
  {
    in: ["rekeying"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: ["rekey-ike"],
    required: ["N(INVALID_KE_PAYLOAD)"],
    optional: [],
    to: ["established", "rekeying", "replaced"],
    run: "retryIkeRekeyKeyExchange",
  },
  // RFC 7296 §1.3.2, §2.8.2
  {
    in: ["rekeying"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: ["rekey-ike"],
    required: ["SA", "Nonce", "KE"],
    optional: ["Notify"],
    to: ["replaced", "deleting"],
    run: "acceptIkeRekey",
  },
  // RFC 7296 §1.3.2; catch-all
  {
    in: ["rekeying"],
    role: "response",
    exchange: "CREATE_CHILD_SA",
    operation: ["rekey-ike"],
    required: [],
    optional: ["Notify"],
    to: ["established", "replaced", "deleting"],
    run: "ikeRekeyRefused",
  },

  // RFC 7296 §1.4.1
  {
    in: live,
    role: "response",
    exchange: "INFORMATIONAL",
    operation: ["delete-child"],
    required: [],
    optional: ["Delete", "Notify"],
    to: live,
    run: "childDeleted",
  },
  {
    in: ["deleting"],
    role: "response",
    exchange: "INFORMATIONAL",
    operation: ["delete-ike", "notify"],
    required: [],
    optional: ["Notify"],
    to: ["closed"],
    run: "ikeDeleted",
  },
  // RFC 7296 §2.4
  {
    in: live,
    role: "response",
    exchange: "INFORMATIONAL",
    operation: ["liveness"],
    required: [],
    optional: ["Notify"],
    to: live,
    run: "peerIsAlive",
  },
  // RFC 7296 §1.4: what is inside decides; catch-all
  {
    in: live,
    role: "request",
    exchange: "INFORMATIONAL",
    required: [],
    optional: ["Delete", "Notify", "CP"],
    to: [...live, "closed"],
    run: "answerInformational",
  },
];
