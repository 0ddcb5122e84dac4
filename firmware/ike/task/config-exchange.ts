/**
 * The configuration payload: what we ask the hub for, what it assigns, and the answer to what it pushes later. Knows
 * neither interfaces nor routes. RFC 7296 §2.19, §3.15; RFC 8598.
 */
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { ipFromBytes, prefixOf } from "#lib/ip.ts";
import type { IkeConnection } from "../connection.ts";
import { CfgType, ConfigAttribute } from "../message/iana.ts";
import type { CpPayload, Payload } from "../message/message.ts";
import { maskLength, processUnityAttribute, type UnitySettings, unityRequest } from "./unity.ts";

/** What a CFG_REPLY amounts to. */
export interface Assignment extends UnitySettings {
  ipv4?: IpAddress;
  ipv6?: Prefix;
  readonly dns: IpAddress[];
}

/**
 * CFG_REQUEST of the first IKE_AUTH. A Cisco hub is asked for its own attributes too, even when no address is wanted, as
 * IOS asks it. @param isCisco the hub announced a vendor ID of Cisco's.
 */
export function buildConfigRequest(
  connection: IkeConnection,
  isCisco: boolean,
): readonly Payload[] {
  const { ipv4, ipv6 } = connection.request;
  const types = [
    ...(ipv4
      ? [
          ConfigAttribute.INTERNAL_IP4_ADDRESS,
          ConfigAttribute.INTERNAL_IP4_NETMASK,
          ConfigAttribute.INTERNAL_IP4_DNS,
          ConfigAttribute.INTERNAL_IP4_SUBNET,
        ]
      : []),
    ...(ipv6
      ? [
          ConfigAttribute.INTERNAL_IP6_ADDRESS,
          ConfigAttribute.INTERNAL_IP6_DNS,
          ConfigAttribute.INTERNAL_IP6_SUBNET,
        ]
      : []),
    ...(ipv4 || ipv6 ? [ConfigAttribute.INTERNAL_DNS_DOMAIN] : []),
    ...(isCisco ? unityRequest : []),
  ];
  if (types.length === 0) return [];
  const attributes = types.map((type) => ({ type, value: new Uint8Array(0) }));
  return [{ type: "CP", cfgType: CfgType.CFG_REQUEST, attributes }];
}

/** Reads CFG_REPLY or CFG_SET; attributes that are unknown or malformed are left out. */
export function processConfig(payload: CpPayload | undefined): Assignment {
  const assigned: Assignment = {
    dns: [],
    domains: [],
    subnets: [],
    excluded: [],
    backupServers: [],
    unusableBackups: [],
  };
  for (const { type, value } of payload?.attributes ?? []) readAttribute(assigned, type, value);
  return assigned;
}

/** CFG_ACK for a CFG_SET: the same attributes without values. RFC 7296 §3.15 */
export function buildConfigAck(set: CpPayload): Payload {
  const types = [...new Set(set.attributes.map(({ type }) => type))];
  const attributes = types.map((type) => ({ type, value: new Uint8Array(0) }));
  return { type: "CP", cfgType: CfgType.CFG_ACK, attributes };
}

/** Empty CFG_REPLY: we assign nothing to a hub that asks. RFC 7296 §2.19 */
export function buildEmptyConfigReply(): Payload {
  return { type: "CP", cfgType: CfgType.CFG_REPLY, attributes: [] };
}

function readAttribute(assigned: Assignment, type: number, value: Uint8Array): void {
  const { length } = value;
  switch (type) {
    case ConfigAttribute.INTERNAL_IP4_ADDRESS:
      if (length === 4) assigned.ipv4 ??= ipFromBytes(value);
      break;
    case ConfigAttribute.INTERNAL_IP6_ADDRESS:
      if (length === 16 || length === 17) assigned.ipv6 ??= hostPrefix(value);
      break;
    case ConfigAttribute.INTERNAL_IP4_DNS:
      if (length === 4) assigned.dns.push(ipFromBytes(value));
      break;
    case ConfigAttribute.INTERNAL_IP6_DNS:
      if (length === 16) assigned.dns.push(ipFromBytes(value));
      break;
    case ConfigAttribute.INTERNAL_IP4_SUBNET:
      if (length === 8) pushIp4Subnet(assigned.subnets, value);
      break;
    case ConfigAttribute.INTERNAL_IP6_SUBNET:
      if (length === 17) pushIp6Subnet(assigned.subnets, value);
      break;
    case ConfigAttribute.INTERNAL_DNS_DOMAIN:
      if (length > 0) assigned.domains.push(new TextDecoder().decode(value));
      break;
    default:
      processUnityAttribute(assigned, type, value);
  }
}

/** The address with the hub's prefix length, host bits kept: it is an interface's address, not a network. */
function hostPrefix(value: Uint8Array): Prefix {
  const length = Math.min(value[16] ?? 128, 128);
  return `${ipFromBytes(value.subarray(0, 16))}/${length}` as Prefix;
}

function pushIp4Subnet(subnets: Prefix[], value: Uint8Array): void {
  const mask = new DataView(value.buffer, value.byteOffset, 8).getUint32(4);
  const length = maskLength(mask);
  if (length !== undefined) subnets.push(prefixOf(ipFromBytes(value.subarray(0, 4)), length));
}

function pushIp6Subnet(subnets: Prefix[], value: Uint8Array): void {
  const length = value[16] ?? 128;
  if (length <= 128) subnets.push(prefixOf(ipFromBytes(value.subarray(0, 16)), length));
}
