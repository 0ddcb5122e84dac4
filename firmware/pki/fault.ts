/** Why a certificate is not good enough. A value: certificates come from peers and operators, never from us. */
export interface PkiFault {
  /** Stable; tests, events and `diagnose` use it, never the wording. */
  readonly code:
    | "pki.malformed"
    | "pki.expired"
    | "pki.not-yet-valid"
    | "pki.untrusted"
    | "pki.bad-signature"
    | "pki.bad-usage"
    | "pki.not-a-ca"
    | "pki.path-too-long"
    | "pki.weak-key"
    | "pki.weak-signature"
    | "pki.unknown-critical-extension"
    | "pki.name-constraint"
    | "pki.identity-not-in-certificate";
  /** What is wrong, with the names of the certificates. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}
