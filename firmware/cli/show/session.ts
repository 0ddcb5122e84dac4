/** What belongs to each client, as `show session` and IOS's `show crypto session` print it. */
import type { ClientState, IkeSaState, IpsecSaState, StateDocument } from "#state/document.ts";

export interface Session {
  readonly client: string;
  readonly status: SessionStatus;
  readonly state: ClientState;
  readonly ike: readonly IkeSaState[];
  readonly ipsec: readonly IpsecSaState[];
  /** Seconds since the client is up. */
  readonly uptime?: number;
}

/** IOS's words. */
export type SessionStatus = "UP-ACTIVE" | "UP-IDLE" | "UP-NO-IKE" | "DOWN-NEGOTIATING" | "DOWN";

/** Joins what belongs to each client. @param now milliseconds since 1970. */
export function sessions(state: StateDocument, now: number): readonly Session[] {
  return Object.entries(state.clients).map(([client, clientState]) => {
    const ike = state.ike.filter((sa) => sa.client === client);
    const ipsec = state.ipsec.filter((sa) => sa.client === client);
    const status = statusOf(clientState, ike, ipsec);
    const isUp = clientState.state === "up";
    const uptime = Math.max(0, Math.floor((now - Date.parse(clientState.since)) / 1_000));
    return { client, status, state: clientState, ike, ipsec, ...(isUp && { uptime }) };
  });
}

function statusOf(
  { state }: ClientState,
  ike: readonly IkeSaState[],
  ipsec: readonly IpsecSaState[],
): SessionStatus {
  if (ipsec.length > 0) return ike.length > 0 ? "UP-ACTIVE" : "UP-NO-IKE";
  if (state === "up") return "UP-IDLE";
  return state === "connecting" || state === "authenticating" ? "DOWN-NEGOTIATING" : "DOWN";
}
