/**
 * Vendor IDs by which Cisco hubs know a FlexVPN client: without FLEXVPN-SUPPORTED a hub narrows our traffic selectors to
 * the assigned address. Plain ASCII, compared byte for byte. Observed on the wire; no Cisco document defines them.
 */
import type { Payload, VendorIdPayload } from "../message/message.ts";

/** What we announce, in the order IOS does. */
export function buildCiscoVendorIds(announce: boolean): readonly Payload[] {
  if (!announce) return [];
  return [DELETE_REASON, FLEXVPN_SUPPORTED].map((text) => ({
    type: "VendorId",
    vendorId: ascii(text),
  }));
}

/** Names of the vendor IDs that we know, for events and `show`. */
export function processVendorIds(payloads: readonly VendorIdPayload[]): readonly string[] {
  const names: string[] = [];
  for (const { vendorId } of payloads) {
    const text = String.fromCharCode(...vendorId.subarray(0, 32));
    const known = KNOWN.find((prefix) => text.startsWith(prefix));
    if (known) names.push(known);
  }
  return names;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const DELETE_REASON = "CISCO-DELETE-REASON";
const FLEXVPN_SUPPORTED = "FLEXVPN-SUPPORTED";
const KNOWN = [
  DELETE_REASON,
  FLEXVPN_SUPPORTED,
  "CISCO-DYNAMIC-ROUTE",
  "CISCO-GRE-MODE",
  "CISCO(COPYRIGHT)",
];
