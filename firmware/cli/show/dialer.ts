import type { DialerState } from "#state/dialer-state.ts";
import { list, shortDuration, shortSize, shortTime, table } from "../table.ts";
import type { Page } from "../terminal.ts";

/** All dialers, one a line. */
export function dialerTable(dialers: Readonly<Record<string, DialerState>>, page?: Page): string {
  return table(
    Object.entries(dialers),
    [
      { title: "DIALER", cell: ([name]) => name },
      {
        title: "STATE",
        cell: ([, dialer]) => dialer.state,
        tone: ([, dialer]) => (dialer.state === "connected" ? "good" : undefined),
      },
      { title: "SINCE", cell: ([, dialer]) => shortTime(dialer.since) },
      { title: "INTERFACE", cell: ([, dialer]) => dialer.interface },
      { title: "DEMANDED BY", cell: ([, dialer]) => dialer["demanded-by"].join(", ") },
      { title: "ATTEMPTS", cell: ([, dialer]) => dialer.attempts, align: "right" },
      { title: "FAILURES", cell: ([, dialer]) => dialer.failures, align: "right" },
      { title: "REASON", cell: ([, dialer]) => dialer.reason },
    ],
    page,
  );
}

/** One dialer with everything known of it. */
export function dialerDetail(name: string, dialer: DialerState): string {
  const { traffic, "last-failure": failure } = dialer;
  return list([
    ["Dialer", name],
    ["State", dialer.state],
    ["Since", shortTime(dialer.since)],
    ["Reason", dialer.reason],
    ["Reason code", dialer["reason-code"]],
    ["Dialled by", dialer.kind],
    ["Interface", dialer.interface],
    ["Demanded by", dialer["demanded-by"].join(", ") || "nobody"],
    ["Addresses", joined(dialer.addresses)],
    ["DNS servers", joined(dialer.dns)],
    ["Connected since", shortTime(dialer["connected-since"])],
    ["Next attempt", shortTime(dialer["next-attempt"])],
    ["Hang up at", shortTime(dialer["hang-up-at"])],
    ["Attempts", dialer.attempts],
    ["Connections", dialer.connections],
    ["Failures", dialer.failures],
    ["Failures in a row", dialer["failures-in-a-row"]],
    ["Last failure", failure && `${failure.reason}, ${shortTime(failure.time)}`],
    ["Modem resets", dialer.resets],
    ["Time connected", shortDuration(dialer["seconds-connected"])],
    ["Received", traffic && shortSize(traffic.received)],
    ["Sent", traffic && shortSize(traffic.sent)],
  ]);
}

const joined = (items: readonly string[]): string | undefined =>
  items.length > 0 ? items.join(", ") : undefined;
