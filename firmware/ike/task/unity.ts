/**
 * Cisco's "Unity" configuration attributes (28672 and up), which FlexVPN hubs push beside those of RFC 7296. Numbers and
 * layouts as published for IKEv1 clients; the text forms are unconfirmed, so several are read.
 */
import { ByteReader } from "#lib/bytes.ts";
import { ipFromBytes, type Prefix, prefixOf } from "#lib/ip.ts";
import { BACKUP_SERVERS, type BackupGateways, readBackupGateways } from "./backup-gateways.ts";

/** Attributes we ask for: banner, default domain, split DNS, split include, backup servers. */
export const unityRequest: readonly number[] = [28_672, 28_674, 28_675, 28_676, BACKUP_SERVERS];

/** What the attributes add to an assignment. */
export interface UnitySettings extends BackupGateways {
  banner?: string;
  readonly domains: string[];
  readonly subnets: Prefix[];
  readonly excluded: Prefix[];
  ddnsHostname?: string;
}

/** Reads one attribute into `settings`; an unknown or malformed one changes nothing. */
export function processUnityAttribute(
  settings: UnitySettings,
  type: number,
  value: Uint8Array,
): void {
  switch (type) {
    case 28_672:
      if (value.length > 0) settings.banner = text(value);
      break;
    case 28_674:
    case 28_675:
      settings.domains.push(...names(value));
      break;
    case 28_676:
      settings.subnets.push(...networks(value));
      break;
    case 28_678:
      settings.excluded.push(...networks(value));
      break;
    case BACKUP_SERVERS:
      readBackupGateways(settings, value);
      break;
    case 28_682:
      if (value.length > 0) settings.ddnsHostname = text(value);
      break;
    default:
      break;
  }
}

/** Records of address, mask and six bytes for protocol and ports; the six may be missing on the last. */
function networks(value: Uint8Array): readonly Prefix[] {
  const found: Prefix[] = [];
  const reader = new ByteReader(value);
  while (reader.remaining >= 8) {
    const address = ipFromBytes(reader.bytes(4));
    const length = maskLength(reader.u32());
    if (length !== undefined) found.push(prefixOf(address, length));
    reader.bytes(Math.min(6, reader.remaining));
  }
  return found;
}

/** Bits of a netmask; undefined when its ones are not all in front. */
export function maskLength(mask: number): number | undefined {
  const length = 32 - Math.log2((~mask >>> 0) + 1);
  return Number.isInteger(length) ? length : undefined;
}

/** One name, or several between commas, spaces, line ends or NULs. */
function names(value: Uint8Array): readonly string[] {
  return text(value)
    .split(/[\s,\0]+/)
    .filter((name) => name.length > 0);
}

/** Text without trailing NULs; what is no UTF-8 is replaced, never an error. */
function text(value: Uint8Array): string {
  return new TextDecoder().decode(value).replace(/\0+$/, "");
}
