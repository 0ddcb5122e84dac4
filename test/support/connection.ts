/** IKE connections for tests: complete, with short numbers, each member replaceable. */
import type { ChildConfig, EspProposal, IkeConnection, IkeProposal } from "#ike/connection.ts";
import { hours, milliseconds, seconds } from "#lib/duration.ts";
import type { Prefix } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";
import { ALGORITHM } from "./virtual-hub/suite.ts";

/** The pre-shared key that branch and hub have unless a test says otherwise. */
export const PSK = "the branch and the hub know this";

export const BRANCH_NAME = "branch12.example.net";
export const HUB_NAME = "hub.example.net";

/** Bytes of a text, for secrets and identities. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** AES-GCM-256 with the groups given, x25519 by default. */
export function gcmProposal(keyExchange: readonly number[] = [ALGORITHM.X25519]): IkeProposal {
  return {
    encryption: [{ id: ALGORITHM.AES_GCM_16, keyLength: 256 }],
    integrity: [],
    prf: [ALGORITHM.PRF_SHA256],
    keyExchange,
  };
}

/** ESP with AES-GCM-256, without PFS. */
export const gcmEsp: EspProposal = {
  encryption: [{ id: ALGORITHM.AES_GCM_16, keyLength: 256 }],
  integrity: [],
  keyExchange: [],
  esn: "prefer",
};

const anywhere = [{ prefix: "0.0.0.0/0" as Prefix }, { prefix: "::/0" as Prefix }];

export const defaultChild: ChildConfig = {
  proposals: [gcmEsp],
  local: anywhere,
  remote: anywhere,
  mode: "tunnel",
  lifetime: { time: hours(24) },
  replayWindow: 64,
  offload: "none",
};

/**
 * A connection with the pre-shared key, AES-GCM-256 and x25519, DPD off and lifetimes longer than any exchange test,
 * so that only what the test does makes messages.
 */
export function connection(overrides: Partial<IkeConnection> = {}): IkeConnection {
  return {
    name: "hq",
    local: {
      identity: { kind: "fqdn", value: BRANCH_NAME },
      authentication: { method: "psk", secret: new SecretBytes(utf8(PSK)) },
    },
    remote: {
      identities: [{ kind: "fqdn", pattern: HUB_NAME }],
      authentication: { method: "psk", secret: new SecretBytes(utf8(PSK)) },
    },
    proposals: [gcmProposal()],
    child: defaultChild,
    request: { ipv4: true, ipv6: false },
    dpd: { mode: "off", interval: seconds(10), retry: seconds(2) },
    retransmit: { initial: milliseconds(500), factor: 1.8, limit: 5, jitter: 0.1 },
    lifetime: hours(24),
    natKeepalive: seconds(20),
    fragmentMtu: 1280,
    announceFlexVpn: true,
    initialContact: true,
    ...overrides,
  };
}
