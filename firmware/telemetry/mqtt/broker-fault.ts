/** Why there is no connection to the broker, in words that say what to do. */
export interface BrokerFault {
  /** Stable. */
  readonly code: BrokerFaultCode;
  /** One sentence with the remedy. */
  readonly text: string;
  /** Trying again at once with the older version may help. */
  readonly isVersion?: boolean;
}

export type BrokerFaultCode =
  | "mqtt.unreachable"
  | "mqtt.no-answer"
  | "mqtt.name"
  | "mqtt.certificate"
  | "mqtt.tls"
  | "mqtt.credentials"
  | "mqtt.refused"
  | "mqtt.version"
  | "mqtt.not-authorized"
  | "mqtt.silent"
  | "mqtt.protocol"
  | "mqtt.closed"
  | "mqtt.no-tunnel"
  | "mqtt.address-gone";

/** What an error of the socket, of TLS or of the MQTT library comes to. @param broker `host:port`. */
export function faultOf(error: unknown, broker: string): BrokerFault {
  const { code, message } = describe(error);
  if (typeof code === "number") return refusal(code, broker);
  const certificate = certificateText[code];
  if (certificate !== undefined || CERTIFICATE.test(code))
    return {
      code: "mqtt.certificate",
      text: `the certificate of ${broker} is not trusted: ${certificate ?? code}`,
    };
  if (/^ERR_SSL_TLSV1_ALERT|^ERR_SSL_TLSV13_ALERT|^ERR_SSL_SSLV3_ALERT/.test(code))
    return {
      code: "mqtt.tls",
      text: `${broker} refuses the branch in TLS: ${alertOf(code)} (look at mqtt.certificate and mqtt.key)`,
    };
  if (code.startsWith("ERR_SSL_") || code === "EPROTO")
    return {
      code: "mqtt.tls",
      text: `TLS with ${broker} failed, ${code} (is this port one for TLS?)`,
    };
  const network = networkText[code];
  if (network) return { code: network[0], text: `${broker} ${network[1]}` };
  if (message === "Keepalive timeout" || message === "connack timeout")
    return { code: "mqtt.no-answer", text: `${broker} does not answer (is it running?)` };
  return {
    code: code === "" ? "mqtt.protocol" : "mqtt.unreachable",
    text: `the connection to ${broker} broke: ${code === "" ? "it sent what is not MQTT" : code}`,
  };
}

/** A code of CONNACK, DISCONNECT or PUBACK. MQTT 5 §2.4, MQTT 3.1.1 §3.2.2.3 */
export function refusal(code: number, broker: string): BrokerFault {
  const row = refusals[code];
  if (row)
    return { code: row[0], text: `${broker} ${row[1]}`, isVersion: row[0] === "mqtt.version" };
  return {
    code: "mqtt.refused",
    text: `${broker} refuses with reason 0x${code.toString(16).padStart(2, "0")} (see its log)`,
  };
}

function describe(error: unknown): { code: string | number; message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const code = "code" in error ? error.code : "";
  return {
    code: typeof code === "number" ? code : typeof code === "string" ? code : "",
    message: error.message,
  };
}

const alertOf = (code: string): string =>
  code
    .replace(/^ERR_SSL_[A-Z0-9]+_ALERT_/, "")
    .replaceAll("_", " ")
    .toLowerCase();

const CERTIFICATE =
  /^(CERT_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT)/;

const stranger = "its authority is not one that is trusted (look at mqtt.ca)";
const certificateText: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it, or its authority, has expired (renew it; is the branch's clock right?)",
  CERT_NOT_YET_VALID: "it is not valid yet (is the branch's clock right?)",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed (give it as mqtt.ca)",
  SELF_SIGNED_CERT_IN_CHAIN: stranger,
  UNABLE_TO_GET_ISSUER_CERT: stranger,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: stranger,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: stranger,
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another name (mqtt.url must name the broker as it does)",
};

const networkText: Readonly<Record<string, readonly [BrokerFaultCode, string]>> = {
  ECONNREFUSED: ["mqtt.unreachable", "has no broker on this port (is it running?)"],
  ECONNRESET: ["mqtt.closed", "cut the connection"],
  EPIPE: ["mqtt.closed", "cut the connection"],
  ETIMEDOUT: ["mqtt.no-answer", "does not answer (is it reachable, is a firewall in the way?)"],
  EHOSTUNREACH: ["mqtt.unreachable", "can't be reached (look at routes and links)"],
  ENETUNREACH: ["mqtt.unreachable", "can't be reached: no route leads there"],
  EADDRNOTAVAIL: ["mqtt.unreachable", "can't be reached: the address to send from is gone"],
  ENODEV: ["mqtt.no-tunnel", "can't be reached: the tunnel's interface does not exist"],
  ENOTFOUND: ["mqtt.name", "is a name that does not exist (correct mqtt.url)"],
  ENODATA: ["mqtt.name", "is a name without an address (correct mqtt.url)"],
  EAI_AGAIN: ["mqtt.name", "can't be resolved: no name server answers"],
  ETIMEOUT: ["mqtt.name", "can't be resolved: no name server answers"],
  ESERVFAIL: ["mqtt.name", "can't be resolved: the name server failed"],
};

const refusals: Readonly<Record<number, readonly [BrokerFaultCode, string]>> = {
  1: ["mqtt.version", "does not speak this version of MQTT"],
  2: ["mqtt.refused", "refuses the client id (correct mqtt.client-id)"],
  3: ["mqtt.refused", "has no room now"],
  4: ["mqtt.credentials", "refuses user name and password (correct mqtt.username, mqtt.password)"],
  5: ["mqtt.credentials", "does not authorize this client (look at username and password)"],
  129: ["mqtt.protocol", "calls a packet of ours malformed"],
  130: ["mqtt.protocol", "calls what we sent a breach of the protocol"],
  132: ["mqtt.version", "does not speak this version of MQTT"],
  133: ["mqtt.refused", "refuses the client id (correct mqtt.client-id)"],
  134: [
    "mqtt.credentials",
    "refuses user name and password (correct mqtt.username, mqtt.password)",
  ],
  135: ["mqtt.not-authorized", "does not authorize this client (look at its access list)"],
  136: ["mqtt.refused", "is not available"],
  137: ["mqtt.refused", "has no room now"],
  138: ["mqtt.refused", "has banned this client"],
  139: ["mqtt.closed", "shuts down"],
  141: ["mqtt.silent", "heard nothing of us for too long"],
  142: [
    "mqtt.refused",
    "gave the place to another client with the same id (every branch needs a client-id of its own)",
  ],
  149: ["mqtt.refused", "takes no packet of this size"],
  151: ["mqtt.refused", "has no quota left for this client"],
  156: ["mqtt.refused", "sends us to another server, which is not followed"],
  157: ["mqtt.refused", "has moved to another server (correct mqtt.url)"],
};
