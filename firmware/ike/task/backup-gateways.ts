/**
 * The gateways that a hub names as its own backups: Cisco's Unity attribute 28681, which is what IOS asks a FlexVPN hub for
 * as backup-gateway. It reads them and knows nothing of a client's peers. The number is confirmed; how a FlexVPN hub writes
 * the value is not (reference/flexvpn-client.md 4.2), so every form that responders are known to send is read.
 */
import { toHex } from "#lib/bytes.ts";
import { type IpAddress, ipFromBytes, parseIpAddress } from "#lib/ip.ts";

/** UNITY_BACKUP_SERVERS. */
export const BACKUP_SERVERS = 28_681;

/** What all attributes 28681 of one message amount to. */
export interface BackupGateways {
  /** Addresses in canonical form and names in small letters, in the hub's order, each once. */
  readonly backupServers: string[];
  /** What was sent in their place and is neither, shortened for a message; each once. */
  readonly unusableBackups: string[];
}

/**
 * Reads one attribute into `found`; nothing in it is an error. Text is one name or address, or several between commas,
 * white space or NULs; any other value is IPv4 addresses of four bytes each. Both forms unconfirmed.
 */
export function readBackupGateways(found: BackupGateways, value: Uint8Array): void {
  const texts = isText(value) ? words(value) : fourBytesEach(value);
  for (const text of texts) {
    const gateway = gatewayOf(text);
    const list = gateway === undefined ? found.unusableBackups : found.backupServers;
    const entry = gateway ?? text.slice(0, LONGEST_SHOWN);
    if (list.length < MOST_GATEWAYS && !list.includes(entry)) list.push(entry);
  }
}

function isText(value: Uint8Array): boolean {
  return value.every((byte) => (byte >= 0x20 && byte < 0x7f) || SEPARATORS.includes(byte));
}

function words(value: Uint8Array): readonly string[] {
  return String.fromCharCode(...value.subarray(0, LONGEST_LIST))
    .split(/[\s,\0]+/)
    .filter((word) => word.length > 0);
}

/** Addresses as text; when the length does not fit, the value's digits, with a space so that they are no name. */
function fourBytesEach(value: Uint8Array): readonly string[] {
  if (value.length % 4 !== 0) return [`bytes ${toHex(value.subarray(0, LONGEST_SHOWN / 2))}`];
  return Array.from({ length: value.length / 4 }, (_, index) =>
    ipFromBytes(value.subarray(index * 4, index * 4 + 4)),
  );
}

function gatewayOf(text: string): string | undefined {
  const address = parseIpAddress(text);
  if (address) return isHostAddress(address) ? address : undefined;
  const name = text.toLowerCase().replace(/\.$/, "");
  return name.length <= LONGEST_NAME && HOST_NAME.test(name) ? name : undefined;
}

/** False for what no hub can have: this host, this network, groups. */
function isHostAddress(address: IpAddress): boolean {
  if (address.includes(":")) return !/^(::1?|ff.*)$/.test(address);
  const first = Number(address.split(".")[0]);
  return first !== 0 && first !== 127 && first < 224;
}

/** Labels of letters, digits and hyphens; the last is no number, or a mistyped address would be looked up. RFC 1123 §2.1 */
const HOST_NAME =
  /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1035 §2.3.4, without the root's length octet and dot. */
const LONGEST_NAME = 253;
/** NUL, tab, line feed, carriage return. */
const SEPARATORS = [0, 9, 10, 13];
/** Ours: an IOS hub can be given ten (unconfirmed). */
const MOST_GATEWAYS = 32;
/** Ours: as many names of the longest kind. */
const LONGEST_LIST = MOST_GATEWAYS * (LONGEST_NAME + 1);
/** Ours. */
const LONGEST_SHOWN = 64;
