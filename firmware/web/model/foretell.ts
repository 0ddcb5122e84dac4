/**
 * What an event says about the state before the state itself is asked for: on a router that is busy moving its traffic the
 * answer takes its time, and whoever looks wants to know at once.
 */
import type { StateDocument, StoredEvent } from "#state/document.ts";

/** The document as it will be when it comes; the same one when the event says nothing about it. */
export function foretell(document: StateDocument, event: StoredEvent): StateDocument {
  const { client: name, peer: host, data, time, mnemonic } = event;
  const client = name === undefined ? undefined : document.clients[name];
  if (mnemonic !== "FLEXVPN-6-FLEXVPN_CONNECTION_UP" || name === undefined) return document;
  const { seq, address, source } = data;
  if (!client || host === undefined || typeof seq !== "number") return document;
  const {
    source: _,
    standby,
    "reason-code": _code,
    "next-retry": _next,
    assigned: _assigned,
    ...rest
  } = client;
  const isStandby = standby?.seq === seq && standby.host === host;
  const clients = {
    ...document.clients,
    [name]: {
      ...rest,
      state: "up" as const,
      since: time,
      attempts: 0,
      peer: { seq, host, ...only("address", address) },
      ...only("source", source),
      assigned: {
        ...only("ipv4", data["assigned-ipv4"]),
        ...only("ipv6", data["assigned-ipv6"]),
      },
      ...(standby && !isStandby ? { standby } : {}),
    },
  };
  return { ...document, clients } as StateDocument;
}

function only(name: string, value: unknown): Readonly<Record<string, string>> {
  return typeof value === "string" ? { [name]: value } : {};
}
