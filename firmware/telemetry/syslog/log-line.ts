/** An event as one line of syslog, as IOS writes it or by RFC 5424. Pure. */
import { syslogSeverities } from "#config/schema-syslog.ts";
import type { StoredEvent } from "#state/document.ts";

export interface LineOptions {
  readonly format: "ios" | "rfc5424";
  readonly facility: number;
  readonly hostname: string;
}

/** The number of an event's severity. RFC 5424 §6.2.1 */
export function severityNumber({ severity }: StoredEvent): number {
  const number = (syslogSeverities as readonly string[]).indexOf(severity);
  return number < 0 ? syslogSeverities.indexOf("informational") : number;
}

/** UTF-8 without control characters and without a line end. */
export function logLine(event: StoredEvent, options: LineOptions): string {
  const priority = `<${options.facility * 8 + severityNumber(event)}>`;
  const rest = options.format === "ios" ? iosLine(event, options) : rfcLine(event, options);
  return `${priority}${rest}`.replace(/\p{Cc}/gu, " ");
}

/**
 * With `service sequence-numbers`, `logging origin-id hostname` and `service timestamps log datetime msec show-timezone`.
 * The layout is unconfirmed, see reference/flexvpn-client.md 6.11.
 */
function iosLine(event: StoredEvent, { hostname }: LineOptions): string {
  const at = new Date(event.time);
  const month = MONTHS[at.getUTCMonth()];
  const day = String(at.getUTCDate()).padStart(2);
  const time = at.toISOString().slice(11, 23);
  return `${event.id}: ${hostname}: ${month} ${day} ${time} UTC: %${event.mnemonic}: ${event.message}`;
}

/** RFC 5424 §6; the identifier of the structured data has the example number of RFC 5612. */
function rfcLine(event: StoredEvent, { hostname }: LineOptions): string {
  const { id, time, mnemonic, client, peer, data, message } = event;
  const name = mnemonic.replace(/^[^-]+-\d-/, "").slice(0, 32);
  const cause = typeof data["cause"] === "number" ? String(data["cause"]) : undefined;
  const fields = { id: String(id), mnemonic, client, peer, cause };
  const params = Object.entries(fields)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([key, value]) => ` ${key}="${value.replace(/["\\\]]/g, "\\$&")}"`);
  return `1 ${time} ${hostname} flexspoke - ${name} [event@32473${params.join("")}] \uFEFF${message}`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Cuts a line to so many bytes, between characters. */
export function cutTo(line: string, bytes: number): Uint8Array {
  const whole = new TextEncoder().encode(line);
  if (whole.length <= bytes) return whole;
  let end = bytes;
  while (end > 0 && ((whole[end] ?? 0) & 0xc0) === 0x80) end--;
  return whole.subarray(0, end);
}
