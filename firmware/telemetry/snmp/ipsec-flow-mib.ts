/**
 * IKE and IPsec tunnels. CISCO-IPSEC-FLOW-MONITOR-MIB; its enumerations are older than IKEv2, and what they do not have
 * is `none`: the true values are in `show ike`. Numbers of columns: reference/flexvpn-client.md section 8.
 */
import { ipBytes, parseIpAddress } from "#lib/ip.ts";
import type { IkeSaState, IpsecSaState, StateDocument } from "#state/document.ts";
import {
  counter,
  counter64,
  gauge,
  integer,
  interval,
  type ManagedObject,
  octets,
  row,
  type SnmpValue,
  scalars,
} from "./objects.ts";

const MIB = "1.3.6.1.4.1.9.9.171";
const IKE_GLOBAL = `${MIB}.1.2.1`;
const PEER_TABLE = `${MIB}.1.2.2`;
const IKE_TABLE = `${MIB}.1.2.3`;
const IPSEC_GLOBAL = `${MIB}.1.3.1`;
const IPSEC_TABLE = `${MIB}.1.3.2`;
const SPI_TABLE = `${MIB}.1.3.4`;

/** An IKE SA with its IPsec tunnels, as the tables number them. */
export interface FlowTunnel {
  /** Index in cikeTunnelTable: the number of the session, which outlives rekeys. */
  readonly index: number;
  readonly sa: IkeSaState;
  readonly children: readonly FlowChild[];
}

/** Both directions of one Child SA. */
export interface FlowChild {
  /** Index in cipSecTunnelTable. */
  readonly index: number;
  readonly in: IpsecSaState | undefined;
  readonly out: IpsecSaState | undefined;
}

/** At most so many children of a session have a number of their own. */
const CHILDREN = 16;

/** Every authenticated session, each once. */
export function flowTunnels({ ike, ipsec }: StateDocument): readonly FlowTunnel[] {
  const sessions = new Map<number, IkeSaState>();
  for (const sa of ike)
    if (sa.authentication !== undefined && sa.state !== "replaced") sessions.set(sa.session, sa);
  const find = (client: string, spi: string, direction: string) =>
    ipsec.find((sa) => sa.client === client && sa.spi === spi && sa.direction === direction);
  return Array.from(sessions.values(), (sa) => ({
    index: sa.session,
    sa,
    children: sa.children.slice(0, CHILDREN).map((child, position) => ({
      index: (sa.session - 1) * CHILDREN + position + 1,
      in: find(sa.client, child["spi-in"], "in"),
      out: find(sa.client, child["spi-out"], "out"),
    })),
  }));
}

/** Objects of the MIB. @param ended sessions that were up and are over. */
export function flowObjects(document: StateDocument, ended: number): readonly ManagedObject[] {
  const tunnels = flowTunnels(document);
  return [
    ...scalars(`${MIB}.1.1`, { 1: integer(1) }),
    ...ikeGlobals(document, tunnels, ended),
    ...ipsecGlobals(tunnels, ended),
    ...tunnels.flatMap(peerRow),
    ...tunnels.flatMap(ikeRow),
    ...tunnels.flatMap((tunnel) => tunnel.children.flatMap((child) => childRows(tunnel, child))),
  ];
}

function ikeGlobals(
  { system }: StateDocument,
  tunnels: readonly FlowTunnel[],
  ended: number,
): readonly ManagedObject[] {
  const { ike } = system;
  return scalars(IKE_GLOBAL, {
    1: gauge(tunnels.length),
    2: counter(ended),
    4: counter(ike?.["datagrams-in"] ?? 0),
    5: counter(ike?.["decode-errors"] ?? 0),
    12: counter(ike?.["datagrams-out"] ?? 0),
    13: counter(0),
    19: counter(ike?.["sessions-up"] ?? 0),
    20: counter(ike?.["sessions-failed"] ?? 0),
    21: counter(0),
    24: counter(ike?.["integrity-failures"] ?? 0),
    26: counter(ike?.["unknown-spi"] ?? 0),
  });
}

function ipsecGlobals(tunnels: readonly FlowTunnel[], ended: number): readonly ManagedObject[] {
  const children = tunnels.flatMap((tunnel) => tunnel.children);
  const sum = (read: (child: FlowChild) => number | undefined): number =>
    children.reduce((total, child) => total + (read(child) ?? 0), 0);
  const bytesIn = sum((child) => child.in?.bytes);
  const bytesOut = sum((child) => child.out?.bytes);
  const packetsIn = sum((child) => child.in?.packets);
  const packetsOut = sum((child) => child.out?.packets);
  const replayed = sum((child) => child.in?.["replay-drops"]);
  const forged = sum((child) => child.in?.["integrity-failures"]);
  return scalars(IPSEC_GLOBAL, {
    1: gauge(children.length),
    2: counter(ended),
    3: counter(bytesIn),
    4: counter64(bytesIn),
    5: counter(bytesIn / 2 ** 32),
    9: counter(packetsIn),
    10: counter(replayed + forged),
    11: counter(replayed),
    13: counter(forged),
    14: counter(packetsIn),
    16: counter(bytesOut),
    17: counter64(bytesOut),
    18: counter(bytesOut / 2 ** 32),
    22: counter(packetsOut),
    26: counter(packetsOut),
  });
}

/** Where an endpoint such as `203.0.113.1:4500` is. */
export function endpointAddress(endpoint: string): Uint8Array {
  const text = /^\[(.+)\]:\d+$/.exec(endpoint)?.[1] ?? endpoint.replace(/:\d+$/, "");
  const address = parseIpAddress(text);
  return address ? ipBytes(address) : new Uint8Array();
}

/** Index of cikePeerTable: both identities as types and texts, and the number of the tunnel. */
function peerIndex({ index, sa }: FlowTunnel): string {
  const text = (value: string) => {
    const bytes = [...new TextEncoder().encode(value).slice(0, 40)];
    return [bytes.length, ...bytes].join(".");
  };
  const ends = [plain(sa["local-identity"]), plain(sa["remote-identity"])];
  return [...ends.map((end) => `${peerType(end)}.${text(end)}`), index].join(".");
}

/** An identity without its kind: the name or the address itself. */
const plain = (identity = ""): string => identity.replace(/^[a-z0-9-]+:/, "");

/** IkePeerType: ipAddrPeer, namePeer. */
const peerType = (identity: string): number => (parseIpAddress(identity) ? 1 : 2);

function peerRow(tunnel: FlowTunnel): readonly ManagedObject[] {
  const { sa, index } = tunnel;
  return row(PEER_TABLE, peerIndex(tunnel), {
    6: octets(endpointAddress(sa.local)),
    7: octets(endpointAddress(sa.remote)),
    8: interval(sa.age),
    9: integer(index),
  });
}

function ikeRow({ index, sa }: FlowTunnel): readonly ManagedObject[] {
  const [local, remote] = [plain(sa["local-identity"]), plain(sa["remote-identity"])];
  return row(IKE_TABLE, String(index), {
    2: integer(peerType(local)),
    3: octets(local),
    4: octets(endpointAddress(sa.local)),
    5: octets(local),
    6: integer(peerType(remote)),
    7: octets(remote),
    8: octets(endpointAddress(sa.remote)),
    9: octets(remote),
    10: integer(MAIN_MODE),
    11: integer(NONE),
    12: integer(NONE),
    13: integer(hashOf(sa.integrity)),
    14: integer(methodOf(sa.authentication?.local)),
    15: integer(sa.lifetime ?? 0),
    16: interval(sa.age),
    17: integer(sa["rekey-in"] ?? 0),
    18: counter(sa.rekeys),
    35: integer(ACTIVE),
  });
}

const [NONE, ACTIVE, MAIN_MODE] = [1, 1, 1];

/** IkeHashAlgo: none, md5, sha. */
const hashOf = (name: string | undefined): number => (name === "sha1" ? 3 : NONE);

/** IkeAuthMethod: none, preSharedKey, rsaSig. */
const methodOf = (method: string | undefined): number =>
  method === "psk" ? 2 : method === undefined ? NONE : 3;

function childRows(tunnel: FlowTunnel, child: FlowChild): readonly ManagedObject[] {
  const { in: inbound, out: outbound, index } = child;
  const sa = outbound ?? inbound;
  const own = String(index);
  const algorithms = (first: number, one: IpsecSaState | undefined): Record<number, SnmpValue> => ({
    [first]: integer(NONE),
    [first + 1]: integer(NONE),
    [first + 2]: integer(NONE),
    [first + 3]: integer(one?.integrity === "sha1" ? 3 : NONE),
    [first + 4]: integer(NONE),
  });
  return [
    ...row(IPSEC_TABLE, own, {
      2: integer(tunnel.index),
      3: integer(TRUE),
      4: octets(endpointAddress(tunnel.sa.local)),
      5: octets(endpointAddress(tunnel.sa.remote)),
      6: integer(KEYS_OF_IKE),
      7: integer(sa?.mode === "transport" ? 2 : 1),
      8: integer((sa?.lifetime?.bytes ?? 0) / 1024),
      9: integer(sa?.lifetime?.seconds ?? 0),
      10: interval(sa?.age ?? 0),
      15: gauge([inbound, outbound].filter((one) => one !== undefined).length),
      ...algorithms(16, inbound),
      ...algorithms(21, outbound),
      26: counter(inbound?.bytes ?? 0),
      27: counter64(inbound?.bytes ?? 0),
      32: counter(inbound?.packets ?? 0),
      33: counter((inbound?.["replay-drops"] ?? 0) + (inbound?.["integrity-failures"] ?? 0)),
      34: counter(inbound?.["replay-drops"] ?? 0),
      36: counter(inbound?.["integrity-failures"] ?? 0),
      38: counter(0),
      39: counter(outbound?.bytes ?? 0),
      40: counter64(outbound?.bytes ?? 0),
      45: counter(outbound?.packets ?? 0),
      46: counter(0),
      50: counter(0),
      51: integer(ACTIVE),
    }),
    ...spiRow(own, 1, inbound),
    ...spiRow(own, 2, outbound),
  ];
}

const [TRUE, KEYS_OF_IKE] = [1, 1];

/** cipSecSpiTable: in and out are rows 1 and 2 of the tunnel. */
function spiRow(
  index: string,
  direction: 1 | 2,
  sa: IpsecSaState | undefined,
): readonly ManagedObject[] {
  if (!sa) return [];
  return row(SPI_TABLE, `${index}.${direction}`, {
    2: integer(direction),
    3: gauge(Number.parseInt(sa.spi.replace(/^0x/, ""), 16)),
    4: integer(ESP),
    5: integer(ACTIVE),
  });
}

/** IPsecProtocol: ah, esp, ipcomp. Unconfirmed, see reference/flexvpn-client.md section 8. */
const ESP = 2;

/** A trap: its identifier and the objects that it carries. */
export interface FlowTrap {
  readonly oid: string;
  readonly objects: readonly ManagedObject[];
}

/** cikeTunnelStart and cipSecTunnelStart, or their ends. */
export function flowTraps(tunnel: FlowTunnel, isStart: boolean): readonly FlowTrap[] {
  const { sa, children, index } = tunnel;
  const peer = peerIndex(tunnel);
  const ends = [
    { oid: `${PEER_TABLE}.1.6.${peer}`, value: octets(endpointAddress(sa.local)) },
    { oid: `${PEER_TABLE}.1.7.${peer}`, value: octets(endpointAddress(sa.remote)) },
  ];
  const time: ManagedObject = isStart
    ? { oid: `${IKE_TABLE}.1.15.${index}`, value: integer(sa.lifetime ?? 0) }
    : { oid: `${IKE_TABLE}.1.16.${index}`, value: interval(sa.age) };
  const ofChildren = children.map((child): FlowTrap => {
    const one = child.out ?? child.in;
    const objects = isStart
      ? [
          { oid: `${IPSEC_TABLE}.1.9.${child.index}`, value: integer(one?.lifetime?.seconds ?? 0) },
          {
            oid: `${IPSEC_TABLE}.1.8.${child.index}`,
            value: integer((one?.lifetime?.bytes ?? 0) / 1024),
          },
        ]
      : [{ oid: `${IPSEC_TABLE}.1.10.${child.index}`, value: interval(one?.age ?? 0) }];
    return { oid: `${MIB}.2.0.${isStart ? 7 : 8}`, objects };
  });
  const ofIke: FlowTrap = { oid: `${MIB}.2.0.${isStart ? 1 : 2}`, objects: [...ends, time] };
  return isStart ? [ofIke, ...ofChildren] : [...ofChildren, ofIke];
}
