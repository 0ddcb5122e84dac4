/** Tells the hub which CAs we trust, so that it sends a chain to one of them. RFC 7296 §3.7. */
import { certificateRequestAuthorities } from "#pki/certificate-request.ts";
import type { IkeConnection } from "../connection.ts";
import { CertEncoding } from "../message/iana.ts";
import type { Payload } from "../message/message.ts";

/** CERTREQ of our IKE_AUTH request, when the hub is to prove itself by a certificate. */
export function buildCertificateRequest(connection: IkeConnection): readonly Payload[] {
  const { authentication } = connection.remote;
  if (authentication.method !== "certificate") return [];
  const authorities = certificateRequestAuthorities(authentication.anchors);
  return [{ type: "CERTREQ", encoding: CertEncoding.X509_SIGNATURE, authorities }];
}
