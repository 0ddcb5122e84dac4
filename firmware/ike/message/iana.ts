/**
 * IANA's IKEv2 registries as far as this product meets their numbers, in IANA's order and with the RFCs' names, and how
 * logs and `show` print a number. What a number means for a negotiation is decided elsewhere.
 * Source: IANA "Internet Key Exchange Version 2 (IKEv2) Parameters".
 */

/** RFC 7296 §3.1; 38 RFC 5723, 43 RFC 9242, 44 RFC 9370. */
export const ExchangeType = {
  IKE_SA_INIT: 34,
  IKE_AUTH: 35,
  CREATE_CHILD_SA: 36,
  INFORMATIONAL: 37,
  IKE_SESSION_RESUME: 38,
  GSA_AUTH: 39,
  GSA_REGISTRATION: 40,
  GSA_REKEY: 41,
  IKE_INTERMEDIATE: 43,
  IKE_FOLLOWUP_KE: 44,
} as const;

/** RFC 7296 §3.2; 53 RFC 7383, 54 RFC 8019. */
export const PayloadType = {
  NONE: 0,
  SA: 33,
  KE: 34,
  IDi: 35,
  IDr: 36,
  CERT: 37,
  CERTREQ: 38,
  AUTH: 39,
  Nonce: 40,
  Notify: 41,
  Delete: 42,
  VendorId: 43,
  TSi: 44,
  TSr: 45,
  SK: 46,
  CP: 47,
  EAP: 48,
  GSPM: 49,
  IDg: 50,
  GSA: 51,
  KD: 52,
  SKF: 53,
  PS: 54,
} as const;

/** RFC 7296 §3.3.1. */
export const SecurityProtocol = { NONE: 0, IKE: 1, AH: 2, ESP: 3, FC_ESP: 4, FC_CT: 5 } as const;

/** RFC 7296 §3.3.2; 6 to 12 RFC 9370. */
export const TransformType = {
  ENCR: 1,
  PRF: 2,
  INTEG: 3,
  KE: 4,
  ESN: 5,
  ADDKE1: 6,
  ADDKE2: 7,
  ADDKE3: 8,
  ADDKE4: 9,
  ADDKE5: 10,
  ADDKE6: 11,
  ADDKE7: 12,
} as const;

/** Transform type 1. RFC 7296 §3.3.2, RFC 5282, RFC 4106, RFC 7634, RFC 8750 */
export const EncryptionId = {
  DES: 2,
  "3DES": 3,
  NULL: 11,
  AES_CBC: 12,
  AES_CTR: 13,
  AES_CCM_8: 14,
  AES_CCM_12: 15,
  AES_CCM_16: 16,
  AES_GCM_8: 18,
  AES_GCM_12: 19,
  AES_GCM_16: 20,
  NULL_AUTH_AES_GMAC: 21,
  CAMELLIA_CBC: 23,
  CHACHA20_POLY1305: 28,
  AES_CCM_8_IIV: 29,
  AES_GCM_16_IIV: 30,
  CHACHA20_POLY1305_IIV: 31,
} as const;

/** Transform type 2. */
export const PrfId = {
  HMAC_MD5: 1,
  HMAC_SHA1: 2,
  AES128_XCBC: 4,
  HMAC_SHA2_256: 5,
  HMAC_SHA2_384: 6,
  HMAC_SHA2_512: 7,
  AES128_CMAC: 8,
} as const;

/** Transform type 3. */
export const IntegrityId = {
  NONE: 0,
  HMAC_MD5_96: 1,
  HMAC_SHA1_96: 2,
  AES_XCBC_96: 5,
  AES_CMAC_96: 8,
  HMAC_SHA2_256_128: 12,
  HMAC_SHA2_384_192: 13,
  HMAC_SHA2_512_256: 14,
} as const;

/** Transform type 4, and the method of a KE payload. */
export const KeyExchangeMethod = {
  NONE: 0,
  MODP_768: 1,
  MODP_1024: 2,
  MODP_1536: 5,
  MODP_2048: 14,
  MODP_3072: 15,
  MODP_4096: 16,
  MODP_6144: 17,
  MODP_8192: 18,
  ECP_256: 19,
  ECP_384: 20,
  ECP_521: 21,
  BRAINPOOL_256: 28,
  BRAINPOOL_384: 29,
  BRAINPOOL_512: 30,
  X25519: 31,
  X448: 32,
  ML_KEM_512: 35,
  ML_KEM_768: 36,
  ML_KEM_1024: 37,
} as const;

/** Transform type 5. RFC 7296 §3.3.2 */
export const EsnId = { NO_ESN: 0, ESN: 1 } as const;

/** The only transform attribute. RFC 7296 §3.3.5 */
export const TransformAttribute = { KEY_LENGTH: 14 } as const;

/** RFC 7296 §3.5; 13 RFC 7619. */
export const IdType = {
  ID_IPV4_ADDR: 1,
  ID_FQDN: 2,
  ID_RFC822_ADDR: 3,
  ID_IPV6_ADDR: 5,
  ID_DER_ASN1_DN: 9,
  ID_DER_ASN1_GN: 10,
  ID_KEY_ID: 11,
  ID_FC_NAME: 12,
  ID_NULL: 13,
} as const;

/** RFC 7296 §3.6; 14 RFC 4806, 15 RFC 7670. */
export const CertEncoding = {
  PKCS7_X509: 1,
  X509_SIGNATURE: 4,
  CRL: 7,
  ARL: 8,
  RAW_RSA_KEY: 11,
  HASH_URL_X509: 12,
  HASH_URL_BUNDLE: 13,
  OCSP_CONTENT: 14,
  RAW_PUBLIC_KEY: 15,
} as const;

/** RFC 7296 §3.8; 9 to 11 RFC 4754, 13 RFC 7619, 14 RFC 7427. */
export const AuthMethod = {
  RSA_SIGNATURE: 1,
  SHARED_KEY: 2,
  DSS_SIGNATURE: 3,
  ECDSA_SHA256_P256: 9,
  ECDSA_SHA384_P384: 10,
  ECDSA_SHA512_P521: 11,
  GSPM: 12,
  NULL_AUTH: 13,
  DIGITAL_SIGNATURE: 14,
} as const;

/** What SIGNATURE_HASH_ALGORITHMS lists. RFC 7427 §4, RFC 8420 §2 */
export const HashAlgorithm = {
  SHA1: 1,
  SHA2_256: 2,
  SHA2_384: 3,
  SHA2_512: 4,
  IDENTITY: 5,
} as const;

/** RFC 7296 §3.13.1. */
export const TsType = { TS_IPV4_ADDR_RANGE: 7, TS_IPV6_ADDR_RANGE: 8 } as const;

/** RFC 7296 §3.15. */
export const CfgType = { CFG_REQUEST: 1, CFG_REPLY: 2, CFG_SET: 3, CFG_ACK: 4 } as const;

/** RFC 7296 §3.15.1, RFC 8598, RFC 9464; from 28672 on Cisco's Unity attributes. */
export const ConfigAttribute = {
  INTERNAL_IP4_ADDRESS: 1,
  INTERNAL_IP4_NETMASK: 2,
  INTERNAL_IP4_DNS: 3,
  INTERNAL_IP4_NBNS: 4,
  INTERNAL_IP4_DHCP: 6,
  APPLICATION_VERSION: 7,
  INTERNAL_IP6_ADDRESS: 8,
  INTERNAL_IP6_DNS: 10,
  INTERNAL_IP6_DHCP: 12,
  INTERNAL_IP4_SUBNET: 13,
  SUPPORTED_ATTRIBUTES: 14,
  INTERNAL_IP6_SUBNET: 15,
  MIP6_HOME_PREFIX: 16,
  INTERNAL_IP6_LINK: 17,
  INTERNAL_IP6_PREFIX: 18,
  HOME_AGENT_ADDRESS: 19,
  P_CSCF_IP4_ADDRESS: 20,
  P_CSCF_IP6_ADDRESS: 21,
  INTERNAL_DNS_DOMAIN: 25,
  INTERNAL_DNSSEC_TA: 26,
  ENCDNS_IP4: 27,
  ENCDNS_IP6: 28,
  ENCDNS_DIGEST_INFO: 29,
  UNITY_BANNER: 28672,
  UNITY_SAVE_PASSWD: 28673,
  UNITY_DEF_DOMAIN: 28674,
  UNITY_SPLITDNS_NAME: 28675,
  UNITY_SPLIT_INCLUDE: 28676,
  UNITY_NATT_PORT: 28677,
  UNITY_LOCAL_LAN: 28678,
  UNITY_PFS: 28679,
  UNITY_FW_TYPE: 28680,
  UNITY_BACKUP_SERVERS: 28681,
  UNITY_DDNS_HOSTNAME: 28682,
} as const;

/** Notify message types: errors below 16384, status from there on. RFC 7296 §3.10.1 and the RFCs of the extensions */
export const NotifyType = {
  UNSUPPORTED_CRITICAL_PAYLOAD: 1,
  INVALID_IKE_SPI: 4,
  INVALID_MAJOR_VERSION: 5,
  INVALID_SYNTAX: 7,
  INVALID_MESSAGE_ID: 9,
  INVALID_SPI: 11,
  NO_PROPOSAL_CHOSEN: 14,
  INVALID_KE_PAYLOAD: 17,
  AUTHENTICATION_FAILED: 24,
  SINGLE_PAIR_REQUIRED: 34,
  NO_ADDITIONAL_SAS: 35,
  INTERNAL_ADDRESS_FAILURE: 36,
  FAILED_CP_REQUIRED: 37,
  TS_UNACCEPTABLE: 38,
  INVALID_SELECTORS: 39,
  UNACCEPTABLE_ADDRESSES: 40,
  UNEXPECTED_NAT_DETECTED: 41,
  USE_ASSIGNED_HoA: 42,
  TEMPORARY_FAILURE: 43,
  CHILD_SA_NOT_FOUND: 44,
  INVALID_GROUP_ID: 45,
  AUTHORIZATION_FAILED: 46,
  STATE_NOT_FOUND: 47,
  TS_MAX_QUEUE: 48,
  REGISTRATION_FAILED: 49,
  INITIAL_CONTACT: 16384,
  SET_WINDOW_SIZE: 16385,
  ADDITIONAL_TS_POSSIBLE: 16386,
  IPCOMP_SUPPORTED: 16387,
  NAT_DETECTION_SOURCE_IP: 16388,
  NAT_DETECTION_DESTINATION_IP: 16389,
  COOKIE: 16390,
  USE_TRANSPORT_MODE: 16391,
  HTTP_CERT_LOOKUP_SUPPORTED: 16392,
  REKEY_SA: 16393,
  ESP_TFC_PADDING_NOT_SUPPORTED: 16394,
  NON_FIRST_FRAGMENTS_ALSO: 16395,
  MOBIKE_SUPPORTED: 16396,
  ADDITIONAL_IP4_ADDRESS: 16397,
  ADDITIONAL_IP6_ADDRESS: 16398,
  NO_ADDITIONAL_ADDRESSES: 16399,
  UPDATE_SA_ADDRESSES: 16400,
  COOKIE2: 16401,
  NO_NATS_ALLOWED: 16402,
  AUTH_LIFETIME: 16403,
  MULTIPLE_AUTH_SUPPORTED: 16404,
  ANOTHER_AUTH_FOLLOWS: 16405,
  REDIRECT_SUPPORTED: 16406,
  REDIRECT: 16407,
  REDIRECTED_FROM: 16408,
  TICKET_LT_OPAQUE: 16409,
  TICKET_REQUEST: 16410,
  TICKET_ACK: 16411,
  TICKET_NACK: 16412,
  TICKET_OPAQUE: 16413,
  LINK_ID: 16414,
  USE_WESP_MODE: 16415,
  ROHC_SUPPORTED: 16416,
  EAP_ONLY_AUTHENTICATION: 16417,
  CHILDLESS_IKEV2_SUPPORTED: 16418,
  QUICK_CRASH_DETECTION: 16419,
  IKEV2_MESSAGE_ID_SYNC_SUPPORTED: 16420,
  IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED: 16421,
  IKEV2_MESSAGE_ID_SYNC: 16422,
  IPSEC_REPLAY_COUNTER_SYNC: 16423,
  SECURE_PASSWORD_METHODS: 16424,
  PSK_PERSIST: 16425,
  PSK_CONFIRM: 16426,
  ERX_SUPPORTED: 16427,
  IFOM_CAPABILITY: 16428,
  GROUP_SENDER: 16429,
  IKEV2_FRAGMENTATION_SUPPORTED: 16430,
  SIGNATURE_HASH_ALGORITHMS: 16431,
  CLONE_IKE_SA_SUPPORTED: 16432,
  CLONE_IKE_SA: 16433,
  PUZZLE: 16434,
  USE_PPK: 16435,
  PPK_IDENTITY: 16436,
  NO_PPK_AUTH: 16437,
  INTERMEDIATE_EXCHANGE_SUPPORTED: 16438,
  IP4_ALLOWED: 16439,
  IP6_ALLOWED: 16440,
  ADDITIONAL_KEY_EXCHANGE: 16441,
  USE_AGGFRAG: 16442,
  SUPPORTED_AUTH_METHODS: 16443,
  SA_RESOURCE_INFO: 16444,
  USE_PPK_INT: 16445,
  PPK_IDENTITY_KEY: 16446,
} as const;

/** Types below this report an error; unknown ones fail the request when a response holds them. RFC 7296 §3.10.1 */
export const FIRST_STATUS_NOTIFY = 16384;

/** `IKE_AUTH`, or `exchange 99`. */
export const exchangeName = naming(ExchangeType, "exchange");
/** `TSi`, or `payload 99`. */
export const payloadName = naming(PayloadType, "payload");
/** `ESP`, or `protocol 99`. */
export const protocolName = naming(SecurityProtocol, "protocol");
/** `ENCR`, or `transform type 99`. */
export const transformTypeName = naming(TransformType, "transform type");
/** `X25519`, or `key exchange 99`. */
export const keyExchangeName = naming(KeyExchangeMethod, "key exchange");
/** `ID_FQDN`, or `identity type 99`. */
export const idTypeName = naming(IdType, "identity type");
/** `X509_SIGNATURE`, or `certificate encoding 99`. */
export const certEncodingName = naming(CertEncoding, "certificate encoding");
/** `DIGITAL_SIGNATURE`, or `authentication method 99`. */
export const authMethodName = naming(AuthMethod, "authentication method");
/** `SHA2_256`, or `hash 99`. */
export const hashAlgorithmName = naming(HashAlgorithm, "hash");
/** `TS_IPV4_ADDR_RANGE`, or `traffic selector type 99`. */
export const tsTypeName = naming(TsType, "traffic selector type");
/** `CFG_REQUEST`, or `configuration type 99`. */
export const cfgTypeName = naming(CfgType, "configuration type");
/** `INTERNAL_IP4_ADDRESS`, or `attribute 99`. */
export const configAttributeName = naming(ConfigAttribute, "attribute");
/** `NO_PROPOSAL_CHOSEN`, or `notify 99`. */
export const notifyName = naming(NotifyType, "notify");

/** The name of a transform of this type: `AES_GCM_16`, or `99` when it has none. */
export function transformName(type: number, id: number): string {
  return transformIdNames.get(type)?.(id) ?? `${id}`;
}

function naming(
  registry: Readonly<Record<string, number>>,
  what: string,
): (value: number) => string {
  const names = new Map(Object.entries(registry).map(([name, value]) => [value, name]));
  return (value) => names.get(value) ?? `${what} ${value}`;
}

const transformIdNames: ReadonlyMap<number, (id: number) => string> = new Map<
  number,
  (id: number) => string
>([
  [TransformType.ENCR, naming(EncryptionId, "cipher")],
  [TransformType.PRF, naming(PrfId, "prf")],
  [TransformType.INTEG, naming(IntegrityId, "integrity")],
  [TransformType.ESN, naming(EsnId, "esn")],
  ...[TransformType.KE, 6, 7, 8, 9, 10, 11, 12].map((type): [number, (id: number) => string] => [
    type,
    keyExchangeName,
  ]),
]);
