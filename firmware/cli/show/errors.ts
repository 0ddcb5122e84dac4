import type { StoredEvent } from "#state/document.ts";
import { shortTime, table } from "../table.ts";
import type { Page } from "../terminal.ts";

/** The same fault, as often as it happened. */
export interface Fault {
  readonly count: number;
  readonly first: string;
  readonly last: string;
  readonly severity: string;
  readonly client?: string;
  /** The stable code, or the mnemonic where there is none. */
  readonly code: string;
  /** Of the latest one. */
  readonly message: string;
  readonly event: number;
}

/** Faults of the history, each once, the latest last. */
export function faults(events: readonly StoredEvent[]): readonly Fault[] {
  const found = new Map<string, Fault>();
  for (const event of events) {
    if (!severe.has(event.severity)) continue;
    const { time, severity, client, message, id } = event;
    const code = codeOf(event);
    const key = JSON.stringify([client, code]);
    const before = found.get(key);
    found.delete(key);
    found.set(key, {
      count: (before?.count ?? 0) + 1,
      first: before?.first ?? time,
      last: time,
      severity,
      ...(client === undefined ? {} : { client }),
      code,
      message,
      event: id,
    });
  }
  return [...found.values()];
}

/** One fault a line. */
export function faultTable(all: readonly Fault[], page?: Page): string {
  return table(
    all,
    [
      { title: "TIMES", cell: ({ count }) => count, align: "right" },
      { title: "LAST", cell: ({ last }) => shortTime(last) },
      {
        title: "SEVERITY",
        cell: ({ severity }) => severity,
        tone: ({ severity }) => (severity === "warning" ? "busy" : "bad"),
      },
      { title: "CLIENT", cell: ({ client }) => client },
      { title: "CODE", cell: ({ code }) => code },
      { title: "EVENT", cell: ({ event }) => event, align: "right" },
      { title: "MESSAGE", cell: ({ message }) => message },
    ],
    page,
  );
}

function codeOf({ mnemonic, data }: StoredEvent): string {
  const code = data["reason-code"] ?? data["code"];
  return typeof code === "string" ? code : mnemonic;
}

/** RFC 5424 §6.2.1 */
const severe: ReadonlySet<string> = new Set(["emergency", "alert", "critical", "error", "warning"]);
