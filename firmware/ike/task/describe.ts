/** Negotiation in an operator's words: offers, suites, notifies. For events and reasons; nothing is decided here. */
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { keyExchangeMethod } from "#crypto/key-exchange.ts";
import { prf } from "#crypto/prf.ts";
import { notifyName, TransformType, transformName } from "../message/iana.ts";
import type { NotifyPayload, Proposal, Transform } from "../message/message.ts";
import type { EspSuite, IkeSuite } from "../sa/proposal.ts";

/** `AES_GCM_16-256/HMAC_SHA2_384/X25519; …`, one part a proposal, alternatives with `|`. */
export function describeProposals(proposals: readonly Proposal[]): string {
  return proposals.map(describeProposal).join("; ") || "none";
}

/** Names as `show` prints them; `none` stands for no integrity transform, as with AEAD. */
export function describeIkeSuite(suite: IkeSuite): {
  readonly encryption: string;
  readonly integrity?: string;
  readonly prf: string;
  readonly "key-exchange": string;
} {
  return {
    ...describeCipher(suite),
    prf: prf(suite.prf).name,
    "key-exchange": keyExchangeMethod(suite.keyExchange).name,
  };
}

export function describeEspSuite(suite: EspSuite): {
  readonly encryption: string;
  readonly integrity?: string;
  readonly "key-exchange"?: string;
} {
  return {
    ...describeCipher(suite),
    ...(suite.keyExchange !== undefined && {
      "key-exchange": keyExchangeMethod(suite.keyExchange).name,
    }),
  };
}

/** `NO_PROPOSAL_CHOSEN`, `notify 8200`; `nothing` when there is none. */
export function describeNotify(payload: NotifyPayload | undefined): string {
  return payload ? notifyName(payload.notify) : "nothing";
}

function describeCipher(suite: EspSuite | IkeSuite): { encryption: string; integrity?: string } {
  return {
    encryption: encryption(suite.encryption.id, suite.encryption.keyLength).name,
    ...(suite.integrity !== undefined && { integrity: integrity(suite.integrity).name }),
  };
}

function describeProposal({ transforms }: Proposal): string {
  const types = [...new Set(transforms.map(({ type }) => type))];
  return types
    .map((type) => transforms.filter((one) => one.type === type).map(describeTransform))
    .map((names) => names.join("|"))
    .join("/");
}

function describeTransform({ type, id, keyLength }: Transform): string {
  const name = transformName(type, id);
  return type === TransformType.ENCR && keyLength !== undefined ? `${name}-${keyLength}` : name;
}
