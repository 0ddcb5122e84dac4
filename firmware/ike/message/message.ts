/**
 * The plain data that IKE messages decode to and encode from: RFC 7296 §3 without its lengths and reserved fields.
 * Numbers are IANA's (`iana.ts`); byte strings are views on the datagram until copied.
 */

/** An IKE SPI, 64 bits; 0 means "not chosen yet". RFC 7296 §3.1 */
export type IkeSpi = bigint;

/** 16 hexadecimal digits, as logs and `show` print an IKE SPI. */
export function formatIkeSpi(spi: IkeSpi): string {
  return spi.toString(16).padStart(16, "0");
}

/** RFC 7296 §3.1 without next payload, version and length, which the codec owns. */
export interface IkeHeader {
  readonly spiInitiator: IkeSpi;
  readonly spiResponder: IkeSpi;
  readonly exchange: number;
  /** Set by the original initiator of this IKE SA, in requests and responses alike. */
  readonly isInitiator: boolean;
  readonly isResponse: boolean;
  readonly messageId: number;
}

/** RFC 7296 §3.3.2. `keyLength` in bits, for ciphers with variable keys only. */
export interface Transform {
  readonly type: number;
  readonly id: number;
  readonly keyLength?: number;
  /** Attributes other than Key Length. Their presence makes the transform one that we must not choose. RFC 7296 §3.3.6 */
  readonly unknownAttributes?: readonly UnknownAttribute[];
}

/** RFC 7296 §3.3.5. A number when it came in the short form, bytes otherwise. */
export interface UnknownAttribute {
  readonly type: number;
  readonly value: number | Uint8Array;
}

/** RFC 7296 §3.3.1. `spi` has 0, 4 or 8 bytes. */
export interface Proposal {
  readonly number: number;
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly transforms: readonly Transform[];
}

/** An address range with ports, RFC 7296 §3.13.1. `type` 7 has 4-byte addresses, 8 has 16-byte ones. */
export interface WireTrafficSelector {
  readonly type: number;
  /** IP protocol, 0 for any. */
  readonly ipProtocol: number;
  readonly startPort: number;
  readonly endPort: number;
  readonly startAddress: Uint8Array;
  readonly endAddress: Uint8Array;
}

/** A selector of a type that the codec does not know; `body` is what follows its length. */
export interface UnknownTrafficSelector {
  readonly type: number;
  readonly ipProtocol: number;
  readonly body: Uint8Array;
}

/** RFC 7296 §3.15.1. */
export interface ConfigurationAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export interface SaPayload {
  readonly type: "SA";
  readonly proposals: readonly Proposal[];
}
export interface KePayload {
  readonly type: "KE";
  readonly method: number;
  readonly publicValue: Uint8Array;
}
/** `body` is the payload without its generic header (type, three reserved bytes, data): AUTH is computed over it. */
export interface IdPayload {
  readonly type: "IDi" | "IDr";
  readonly idType: number;
  readonly data: Uint8Array;
  readonly body: Uint8Array;
}
export interface CertPayload {
  readonly type: "CERT";
  readonly encoding: number;
  readonly data: Uint8Array;
}
/** `authorities` holds SHA-1 hashes of the CAs' SubjectPublicKeyInfo, 20 bytes each, unsplit. */
export interface CertReqPayload {
  readonly type: "CERTREQ";
  readonly encoding: number;
  readonly authorities: Uint8Array;
}
export interface AuthPayload {
  readonly type: "AUTH";
  readonly method: number;
  readonly data: Uint8Array;
}
export interface NoncePayload {
  readonly type: "Nonce";
  readonly nonce: Uint8Array;
}
/** `spi` has 0, 4 or 8 bytes. */
export interface NotifyPayload {
  readonly type: "Notify";
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly notify: number;
  readonly data: Uint8Array;
}
/** `spis` is empty for an IKE SA (protocol 1). */
export interface DeletePayload {
  readonly type: "Delete";
  readonly protocol: number;
  readonly spis: readonly Uint8Array[];
}
export interface VendorIdPayload {
  readonly type: "VendorId";
  readonly vendorId: Uint8Array;
}
export interface TsPayload {
  readonly type: "TSi" | "TSr";
  readonly selectors: readonly WireTrafficSelector[];
  /** Present when there are any; order among `selectors` is not kept. */
  readonly unknown?: readonly UnknownTrafficSelector[];
}
export interface CpPayload {
  readonly type: "CP";
  readonly cfgType: number;
  readonly attributes: readonly ConfigurationAttribute[];
}
export interface EapPayload {
  readonly type: "EAP";
  readonly message: Uint8Array;
}
/** A payload type that this codec does not know; kept so that a critical one can be refused. RFC 7296 §2.5 */
export interface UnknownPayload {
  readonly type: "Unknown";
  readonly payloadType: number;
  readonly isCritical: boolean;
  readonly body: Uint8Array;
}

export type Payload =
  | SaPayload
  | KePayload
  | IdPayload
  | CertPayload
  | CertReqPayload
  | AuthPayload
  | NoncePayload
  | NotifyPayload
  | DeletePayload
  | VendorIdPayload
  | TsPayload
  | CpPayload
  | EapPayload
  | UnknownPayload;

/** A message whose payloads travel in clear: IKE_SA_INIT and unprotected notifies. */
export interface ClearMessage {
  readonly kind: "clear";
  readonly header: IkeHeader;
  readonly payloads: readonly Payload[];
}

/** A message with an Encrypted payload, still closed. RFC 7296 §3.14 */
export interface SealedMessage {
  readonly kind: "sealed";
  readonly header: IkeHeader;
  /** Payloads before SK; rare, and authenticated by it. */
  readonly payloads: readonly Payload[];
  /** Type of the first payload inside, 0 for an empty message. */
  readonly firstInner: number;
  /** From the IKE header to the end of the generic header of SK (with SKF: to the fragment total). */
  readonly associatedData: Uint8Array;
  /** IV, ciphertext, padding, ICV. */
  readonly sealed: Uint8Array;
  /** Present for SKF. Numbers from 1. RFC 7383 §2.5 */
  readonly fragment?: { readonly number: number; readonly total: number };
}

export type DecodedMessage = ClearMessage | SealedMessage;
