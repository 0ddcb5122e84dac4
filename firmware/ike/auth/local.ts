/** Our proof of identity in IKE_AUTH: AUTH, and the certificates that go with it. RFC 7296 §2.15, RFC 7427. */
import { ok, type Result } from "#lib/result.ts";
import { AuthMethod, CertEncoding } from "../message/iana.ts";
import type { AuthPayload, Payload } from "../message/message.ts";
import type { IkeSa } from "../sa/ike-sa.ts";
import type { AuthSent } from "../sa/ike-sa-state.ts";
import { pskAuth } from "./psk.ts";
import { type SignatureFault, signAuth } from "./signature.ts";
import { signedOctets } from "./signed-octets.ts";

/** What our IKE_AUTH request carries to prove who we are. */
export interface LocalProof {
  /** CERT payloads, leaf first; none with a shared key. */
  readonly certificates: readonly Payload[];
  readonly auth: AuthPayload;
  /** For `show`: `shared key`, `ECDSA with SHA-256`. */
  readonly description: string;
}

/** @returns the payloads; a fault when our key can't sign what the peer verifies. */
export function localProof(sa: IkeSa, state: AuthSent): Result<LocalProof, SignatureFault> {
  const { transcript, identity } = state;
  const { authentication } = sa.session.connection.local;
  const octets = signedOctets(
    sa.suite.prf,
    transcript.request,
    transcript.nonceResponder,
    sa.keys.skPi,
    identity.body,
  );
  if (authentication.method === "psk") {
    const data = pskAuth(sa.suite.prf, authentication.secret, octets);
    const auth: AuthPayload = { type: "AUTH", method: AuthMethod.SHARED_KEY, data };
    return ok({ certificates: [], auth, description: "shared key" });
  }
  const { chain, key, rsaPadding } = authentication;
  const signed = signAuth({ octets, key, rsaPadding, peerHashes: sa.peer.signatureHashes });
  if (!signed.ok) return signed;
  const { method, data, description } = signed.value;
  return ok({
    certificates: chain.map((certificate) => ({
      type: "CERT",
      encoding: CertEncoding.X509_SIGNATURE,
      data: certificate,
    })),
    auth: { type: "AUTH", method, data },
    description,
  });
}
