/** IOS: show crypto ikev2 stats. Source: reference/flexvpn-client.md 6.7 */
import type { StateDocument } from "#state/document.ts";

/**
 * The table of IOS. A branch answers no IKE_SA_INIT: there are no incoming SAs, cookies or limits of its own, and their
 * counts are zero because such requests are dropped as unknown.
 */
export function ikev2StatsLayout({ ike, system }: Pick<StateDocument, "ike" | "system">): string {
  const counted = system.ike;
  const asked = Object.values(counted?.exchanges ?? {});
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const sent = sum(asked.map((each) => each.sent));
  const received = sum(asked.map((each) => each.received));
  const refused = counted?.["sessions-failed"] ?? 0;
  const dropped = (counted?.["decode-errors"] ?? 0) + (counted?.["unknown-spi"] ?? 0);
  const active = ike.filter(({ state }) => state === "established" || state === "rekeying").length;
  const rule = "-".repeat(80);
  const lines = [
    rule,
    `${" ".repeat(26)}Crypto IKEv2 SA Statistics`,
    rule,
    `System Resource Limit:   ${pad(0)} Max IKEv2 SAs: ${pad(0)} Max in nego(in/out): 0/0`,
    `Total incoming IKEv2 SA Count:    ${pad(0)} active:        ${pad(0)} negotiating: ${pad(0, 6)}`,
    `Total outgoing IKEv2 SA Count:    ${pad(ike.length)} active:        ${pad(active)} negotiating: ${pad(ike.length - active, 6)}`,
    `Incoming IKEv2 Requests: ${pad(received)} accepted:      ${pad(received)} rejected:    ${pad(0)}`,
    `Outgoing IKEv2 Requests: ${pad(sent + refused)} accepted:      ${pad(sent)} rejected:    ${pad(refused)}`,
    `Rejected IKEv2 Requests: ${pad(0)} rsrc low:      ${pad(0)} SA limit:    ${pad(0)}`,
    `IKEv2 packets dropped at dispatch: ${pad(dropped)}`,
    `Incoming Requests dropped as LOW Q limit reached : ${pad(0)}`,
    `Incoming IKEV2 Cookie Challenged Requests: ${pad(0)}`,
    `    accepted: ${pad(0)} rejected: ${pad(0)} rejected no cookie: ${pad(0)}`,
    `Total Deleted sessions of Cert Revoked Peers: ${pad(0)}`,
    `Total init sa request rejected due to queue limit : ${pad(0)}`,
    `SA Strength Enforcement Rejects - incoming:        ${pad(0)} outgoing:        0`,
    `Sessions with Quantum Resistance: ${pad(0)} Manual: ${pad(0)} Dynamic: ${pad(0)}`,
    `PPK Identity Mismatch: ${pad(0)}`,
    `PPK Retrieve Failure    -    ALL:      ${pad(0)} With PPK Required:    ${pad(0)}`,
    `PPK Authentication Failure - ALL:      ${pad(0)} With PPK Required:    ${pad(0)}`,
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** IOS leaves room for eight digits. */
const pad = (value: number, width = 8): string => String(value).padEnd(width);
