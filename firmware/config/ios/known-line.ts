/** The shape of the table of known lines. */

/** Where a line stands: at the top, or within a section. */
export type Mode =
  | "global"
  | "keyring"
  | "keyring-peer"
  | "ike-proposal"
  | "ike-policy"
  | "ike-profile"
  | "authorization"
  | "client"
  | "transform-set"
  | "ipsec-profile"
  | "trustpoint"
  | "certificates"
  | "interface"
  | "track"
  | "sla"
  | "cellular"
  | "elsewhere";

/** One row: a form of a command and what is made of it. */
export interface KnownLine {
  /** What the translation calls it; one a mode. */
  readonly id: string;
  /** As `pattern.ts` reads it. */
  readonly pattern: string;
  /** The part of our file that it becomes; undefined for what is never carried over. */
  readonly becomes?: string;
  /** Why it is not carried over; with `becomes`, why it may not be. */
  readonly reason?: string;
  /** The section that the line begins. */
  readonly enters?: Mode;
}

/** A row that becomes a part of the file. */
export function becomes(id: string, pattern: string, part: string, enters?: Mode): KnownLine {
  return { id, pattern, becomes: part, ...(enters === undefined ? {} : { enters }) };
}

/** A row that is understood and has no equivalent, or needs none. */
export function without(pattern: string, reason: string, enters?: Mode): KnownLine {
  return { id: pattern, pattern, reason, ...(enters === undefined ? {} : { enters }) };
}

/** Why what belongs to the machine and not to the VPN is left to it. */
export const reasons = {
  system: "belongs to the system's own files, not to the VPN",
  remark: "a remark, which changes nothing",
  vrf: "VRFs are not supported by this version",
  server: "is for the hub's side, and this is a client",
  underlay: "the routes outside the tunnel are the system's own",
  learnt: "the networks behind the hub come from the hub itself (routes.accept)",
  advertise: "networks are not announced to the hub by this version: route them at the hub",
  counts: "limits and logging of the router, without an equivalent",
  firewall: "filters and translations outside the tunnel are the system's own firewall",
  ikev1: "IKEv1 is not spoken, only IKEv2",
  access: "who may log in, and how, is the system's own",
  routing: "routing protocols are not run; the hub announces its networks by IKEv2",
  isSo: "asks for nothing that is not so anyway",
} as const;
