import type { StoredEvent } from "#state/document.ts";
import { printable, shortTime } from "../table.ts";

/** Events as a log: one a line, oldest first, as IOS writes its messages. */
export function eventLines(events: readonly StoredEvent[]): string {
  return events.map(eventLine).join("");
}

/** `42 2026-11-24 08:15:30Z %MNEMONIC: message (client hq, because of 41)` and a line end. */
export function eventLine(event: StoredEvent): string {
  const { cause } = event.data;
  const context = [
    event.client && `client ${event.client}`,
    event.peer && `peer ${event.peer}`,
    typeof cause === "number" && `because of ${cause}`,
  ].filter(Boolean);
  const tail = context.length > 0 ? ` (${context.join(", ")})` : "";
  return `${printable(`${event.id} ${shortTime(event.time)} %${event.mnemonic}: ${event.message}${tail}`)}\n`;
}
