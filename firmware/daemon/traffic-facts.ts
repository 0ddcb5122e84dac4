/** What a diagnosis goes by of the traffic in the tunnel, and of whether the hub is alive on IKE meanwhile. */
import type { SessionId } from "#ike/inputs.ts";
import type { TrafficFacts } from "#state/diagnose/evidence.ts";
import type { IpsecSaState, StateDocument } from "#state/document.ts";
import type { Services } from "./services.ts";

/**
 * What the client's SAs moved, and whether its hub answers a liveness check that is sent now.
 * @returns a function to be called when there was time for an answer.
 */
export function watchTraffic(
  { giveIke, ike, clock }: Services,
  document: StateDocument,
  client: string,
): () => readonly TrafficFacts[] {
  const sessions = document.ike.filter((sa) => sa.client === client && sa["message-ids"]);
  for (const { session } of sessions)
    giveIke({ kind: "check-liveness", session: session as SessionId });
  return () => {
    const after = ike.sessions(clock.now());
    return sessions.map((before) => {
      const { session } = before;
      const request = after.find((sa) => sa.session === session)?.["message-ids"]?.request;
      const earlier = before["message-ids"]?.request;
      const answersIke = request !== undefined && earlier !== undefined && request > earlier;
      return { session, ...countsOf(document, client), answersIke };
    });
  };
}

function countsOf({ ipsec }: StateDocument, client: string) {
  const sum = (direction: "in" | "out", of: (sa: IpsecSaState) => number) =>
    ipsec
      .filter((sa) => sa.client === client && sa.direction === direction)
      .reduce((total, sa) => total + of(sa), 0);
  return {
    packetsIn: sum("in", ({ packets }) => packets),
    packetsOut: sum("out", ({ packets }) => packets),
    replayDrops: sum("in", (sa) => sa["replay-drops"]),
    integrityFailures: sum("in", (sa) => sa["integrity-failures"]),
  };
}
