import type { IpAddress, Prefix } from "#lib/ip.ts";
import type { IkeSaState, IpsecSaState, StateDocument } from "#state/document.ts";
import { exampleState } from "../api/example-state.ts";

/** A Cisco hub behind no NAT that pushed an address and networks, as the engine shows its SA. */
const ciscoHub: IkeSaState = {
  client: "hq",
  session: 2,
  state: "established",
  "spi-initiator": "4924fd2741cc90fd",
  "spi-responder": "601ed2ab91327dae",
  "is-initiator": true,
  local: "192.0.2.17:4500",
  remote: "203.0.113.10:4500",
  "local-identity": "branch12.example.net",
  "remote-identity": "hub1.example.net",
  encryption: "aes-cbc-256",
  integrity: "hmac-sha2-512-256",
  prf: "hmac-sha2-512",
  "key-exchange": "ecp256",
  authentication: { local: "shared key", remote: "shared key" },
  nat: { local: true, remote: false },
  age: 318,
  "rekey-in": 80_000,
  rekeys: 0,
  children: [{ "spi-in": "c1a2b3c4", "spi-out": "0e5f6071" }],
  lifetime: 86_400,
  dpd: { mode: "periodic", interval: 60, retry: 3 },
  fragmentation: { mtu: 1280, agreed: true },
  "message-ids": { request: 7, next: 7, expected: 3, queued: 0 },
  window: { local: 1, remote: 5 },
  "peer-vendor": "cisco",
  assigned: { ipv4: "10.99.0.7" as IpAddress },
  subnets: ["10.0.0.0/8" as Prefix, "172.16.0.0/12" as Prefix],
};

/** A hub over IPv6 with AEAD and certificates, nothing pushed, no fragmentation. */
const ipv6Hub: IkeSaState = {
  client: "v6",
  session: 3,
  state: "established",
  "spi-initiator": "4cf87e32b25302c0",
  "spi-responder": "96254131fd306002",
  "is-initiator": true,
  "local-identity": "branch12.example.net",
  rekeys: 1,
  local: "[2001:db8:1101::131]:500",
  remote: "[2001:db8:1201::122]:500",
  "remote-identity": "CN=hub2,O=Example",
  encryption: "aes-gcm-16-256",
  prf: "hmac-sha2-384",
  "key-exchange": "x25519",
  authentication: { local: "RSA PKCS#1 with SHA-256", remote: "ECDSA with SHA-384" },
  nat: { local: false, remote: false },
  age: 61,
  children: [],
  lifetime: 28_800,
  dpd: { mode: "off", interval: 10, retry: 2 },
  fragmentation: { agreed: false },
  "message-ids": { request: 2, next: 2, expected: 0, queued: 1 },
  window: { local: 1, remote: 1 },
};

/** IKE_SA_INIT is on its way. */
const attempt: IkeSaState = {
  client: "backup",
  session: 4,
  state: "init-sent",
  "spi-initiator": "1a2b3c4d5e6f7081",
  "spi-responder": "0000000000000000",
  "is-initiator": true,
  local: "192.0.2.17:500",
  remote: "203.0.113.9:500",
  "local-identity": "branch12.example.net",
  nat: { local: false, remote: false },
  age: 2,
  rekeys: 0,
  children: [],
  lifetime: 86_400,
  dpd: { mode: "on-demand", interval: 10, retry: 2 },
  fragmentation: { mtu: 1280, agreed: false },
};

const inbound: IpsecSaState = {
  client: "hq",
  spi: "0xc1a2b3c4",
  direction: "in",
  source: "203.0.113.10:4500",
  destination: "192.0.2.17:4500",
  "udp-encapsulation": true,
  mode: "tunnel",
  encryption: "aes-cbc-256",
  integrity: "sha256",
  esn: false,
  "replay-window": 512,
  selectors: { local: ["0.0.0.0/0" as Prefix], remote: ["0.0.0.0/0" as Prefix] },
  bytes: 4_800,
  packets: 40,
  "replay-drops": 1,
  "integrity-failures": 0,
  age: 318,
  lifetime: { seconds: 3_600, bytes: 4_608_000 * 1_024 },
};

const outbound: IpsecSaState = {
  ...inbound,
  spi: "0x0e5f6071",
  direction: "out",
  source: "192.0.2.17:4500",
  destination: "203.0.113.10:4500",
  "replay-window": 0,
  bytes: 4_920,
  packets: 41,
  "replay-drops": 0,
};

const [hq, backup] = [exampleState.clients["hq"], exampleState.clients["backup"]];
if (!hq || !backup) throw new Error("the example has both");

/** What the golden texts are made from. */
export const iosState: StateDocument = {
  ...exampleState,
  clients: {
    hq: {
      ...hq,
      since: "2026-11-24T09:34:42.000Z",
      peer: { seq: 10, host: "hub1.example.net", address: "203.0.113.10" as IpAddress },
      assigned: { ipv4: "10.99.0.7" as IpAddress },
    },
    backup: { ...backup, "backup-group": "main" },
    spare: { ...backup, state: "idle", tunnel: "Tunnel2", reason: "connect it by hand" },
  },
  ike: [ciscoHub, ipv6Hub, attempt],
  ipsec: [inbound, outbound],
  tunnels: {
    Tunnel0: {
      client: "hq",
      state: "up",
      mtu: 1422,
      "path-mtu": 1500,
      addresses: ["10.99.0.7/32"],
      traffic: { "bytes-in": 4_800, "bytes-out": 4_920, "errors-in": 0, "errors-out": 2 },
    },
  },
  system: {
    ...exampleState.system,
    ike: {
      exchanges: {
        IKE_SA_INIT: { sent: 3, received: 0 },
        IKE_AUTH: { sent: 2, received: 0 },
        INFORMATIONAL: { sent: 9, received: 13 },
      },
      "datagrams-in": 40,
      "datagrams-out": 41,
      retransmissions: 5,
      "repeated-requests": 0,
      "fragments-in": 0,
      "fragments-out": 0,
      "decode-errors": 1,
      "unknown-spi": 2,
      "integrity-failures": 0,
      "unexpected-messages": 0,
      "unprotected-notifies": 0,
      "nat-keepalives": 0,
      "liveness-checks": 9,
      "ike-rekeys": 0,
      "child-rekeys": 0,
      "sessions-up": 2,
      "sessions-failed": 1,
    },
  },
};
