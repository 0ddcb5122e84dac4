/**
 * Messages as text for debug logs, made from the same declarations that decode them. Shows no key material: what a field
 * declares secret is only counted. Source: RFC 7296 §3
 */
import { dissectBytes } from "./codec.ts";
import { dissectHeader } from "./header.ts";
import { payloadName } from "./iana.ts";
import type { IkeHeader, Payload, SealedMessage } from "./message.ts";
import { payloadCodecs, payloadNumber } from "./payload-chain.ts";

/** A header line, then a line a payload, indented. */
export function dissectMessage(header: IkeHeader, payloads: readonly Payload[]): string {
  return [dissectHeader(header), ...payloads.map((payload) => `  ${dissectPayload(payload)}`)].join(
    "\n",
  );
}

/** A message that is still closed: its header and how much is sealed. */
export function dissectSealed(message: SealedMessage): string {
  const { fragment, sealed } = message;
  const part = fragment ? `, fragment ${fragment.number} of ${fragment.total}` : "";
  return `${dissectMessage(message.header, message.payloads)}\n  SK ${sealed.length} bytes${part}`;
}

/** One payload on one line. */
export function dissectPayload(payload: Payload): string {
  if (payload.type === "Unknown")
    return `${payloadName(payload.payloadType)}${payload.isCritical ? " critical" : ""} ${dissectBytes(payload.body)}`;
  return `${payload.type} ${payloadCodecs.get(payloadNumber(payload))?.dissect(payload) ?? ""}`;
}
