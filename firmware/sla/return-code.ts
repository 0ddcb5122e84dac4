/**
 * What an operation's latest result amounts to, in the words that tracks, events and people use. It knows no probe.
 * Source: CISCO-RTTMON-TC-MIB RttResponseSense; names on the screen as IOS prints them, see reference 2.3.
 */

/** IOS: latest operation return code. */
export type SlaReturnCode =
  /** Nothing was heard yet. */
  | "unknown"
  | "ok"
  /** Answered, but later than `threshold`. */
  | "over-threshold"
  /** Nothing came within `timeout`. */
  | "timeout"
  /** Refused, unreachable, no route, no interface. */
  | "no-connection"
  /** This machine could not begin: out of sockets or buffers. */
  | "busy"
  /** The name server answered with an error, or the target's name has no address. */
  | "dns-error"
  /** The server answered with another status than was wanted, or with something that is not HTTP. */
  | "http-error"
  /** What came back is not what was sent. */
  | "verify-error"
  /** Its certificate is not one that we trust. */
  | "certificate-error";

/** True for the codes of IOS's `reachability`: the target answered. */
export function isReachable(code: SlaReturnCode): boolean {
  return code === "ok" || code === "over-threshold";
}

/** The code as IOS prints it; those beyond the documented five are unconfirmed. */
export const returnCodeText: Readonly<Record<SlaReturnCode, string>> = {
  unknown: "Unknown",
  ok: "OK",
  "over-threshold": "OverThreshold",
  timeout: "Timeout",
  "no-connection": "NoConnection",
  busy: "Busy",
  "dns-error": "DNSError",
  "http-error": "HTTPError",
  "verify-error": "VerifyError",
  "certificate-error": "CertificateError",
};
