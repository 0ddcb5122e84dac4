/** The system group and the engine's own facts. SNMPv2-MIB (RFC 3418), SNMP-FRAMEWORK-MIB (RFC 3411) */
import type { StateDocument } from "#state/document.ts";
import { identifier, integer, type ManagedObject, octets, scalars, ticks } from "./objects.ts";
import type { SnmpEngine } from "./snmp-engine.ts";

const SYSTEM = "1.3.6.1.2.1.1";
const ENGINE = "1.3.6.1.6.3.10.2.1";

/** Objects of the system group; `sysObjectID` is zeroDotZero, which says that the product has no number. */
export function systemObjects(
  { version, hostname, uptime }: StateDocument,
  { location, contact }: { readonly location: string; readonly contact: string },
  engine: SnmpEngine,
): readonly ManagedObject[] {
  return [
    ...scalars(SYSTEM, {
      1: octets(`FlexSpoke ${version}, FlexVPN client`),
      2: identifier("0.0"),
      3: ticks(uptime),
      4: octets(contact),
      5: octets(hostname),
      6: octets(location),
      // Internet and end-to-end: layers 3 and 4.
      7: integer(12),
    }),
    ...scalars(ENGINE, {
      1: octets(engine.id),
      2: integer(engine.boots),
      3: integer(engine.time()),
      4: integer(MAX_MESSAGE),
    }),
  ];
}

/** Octets of a message that are read and sent at most. */
export const MAX_MESSAGE = 8192;
