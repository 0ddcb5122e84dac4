/** IOS: show crypto ikev2 diagnose error, the exit path table. Source: reference/flexvpn-client.md 6.8 */
import type { StoredEvent } from "#state/document.ts";
import type { IkeCountersState } from "#state/document-ike.ts";
import { printable } from "../table.ts";

/** What IOS keeps at the most. */
const MOST_ENTRIES = 50;

/**
 * The failures of IKE, latest last, each with how often it happened. It is always enabled here.
 * @param events the history; what is not of IKE is passed over.
 */
export function diagnoseErrorLayout(
  events: readonly StoredEvent[],
  counters: IkeCountersState | undefined,
): string {
  const times = new Map<string, number>();
  const note = (text: string, count = 1) => {
    const before = times.get(text) ?? 0;
    times.delete(text);
    times.set(text, before + count);
  };
  if (counters && counters["unknown-spi"] > 0)
    note("Detected an invalid IKE SPI", counters["unknown-spi"]);
  for (const event of events) {
    const text = textOf(event);
    if (text !== undefined) note(text);
  }
  const all = [...times];
  const shown = all.slice(-MOST_ENTRIES);
  const head = `Exit Path Table - status: enable, current entry ${shown.length}, deleted ${all.length - shown.length}, max allow ${MOST_ENTRIES}`;
  return [head, ...shown.map(([text, count]) => `Error(${count}): ${text}`)]
    .map((line) => `${printable(line)}\n`)
    .join("\n");
}

/** The words of IOS where a code has some; else the event's own. Only SAs that failed count, not those that were closed. */
function textOf({ mnemonic, message, data }: StoredEvent): string | undefined {
  if (mnemonic !== "IKEV2-3-NEG_ABORT" && mnemonic !== "IKEV2-5-SA_DOWN") return undefined;
  const code = data["reason-code"];
  if (typeof code !== "string" || harmless.has(code)) return undefined;
  const known = iosTexts.find(([prefix]) => code.startsWith(prefix));
  return known ? known[1] : message;
}

const harmless: ReadonlySet<string> = new Set([
  "ike.terminated",
  "ike.peer-deleted",
  "ike.reauthentication",
]);

/** By the beginning of the code, the first that fits. Unconfirmed, see reference/flexvpn-client.md 6.8. */
const iosTexts: readonly (readonly [prefix: string, text: string])[] = [
  ["ike.timeout", "Maximum number of retransmissions reached"],
  ["ike.liveness-lost", "Maximum number of retransmissions reached"],
  ["ike.proposal", "Failed to find a matching policy"],
  ["ike.key-exchange", "Failed to find a matching policy"],
  ["ike.child.no-proposal", "Failed to find a matching policy"],
  ["ike.child.ts", "There was no IPSEC policy found for received TS"],
  ["ike.auth", "Failed to authenticate the IKE SA"],
  ["ike.refused", "Initial exchange failed"],
  ["ike.invalid", "A supplied parameter is incorrect"],
];
