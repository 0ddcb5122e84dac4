import type { ClientState } from "#state/document.ts";
import { peerWays } from "../model/peer-ways.ts";
import { Badge, Scroll } from "./basics.tsx";

/** The working list of peers: configured ones and those that hubs named. */
export function PeerTable({ client }: { readonly client: ClientState }) {
  const ways = peerWays(client);
  return (
    <Scroll label="Peers">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Peer</th>
            <th scope="col">State</th>
            <th scope="col">Known from</th>
            <th scope="col">Remarks</th>
          </tr>
        </thead>
        <tbody>
          {client.peers.map((peer, index) => {
            const way = ways[index];
            return (
              <tr key={`${peer.seq} ${peer.host}`}>
                <th scope="row">
                  {peer.host} <small class="muted">seq {peer.seq}</small>
                </th>
                <td>{way && <Badge tone={way.tone}>{way.label}</Badge>}</td>
                <td>{origins[peer.origin]}</td>
                <td class="sentence">{way?.detail ?? peer["last-failure"] ?? "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

const origins = {
  static: "configuration",
  downloaded: "pushed by a hub",
  redirected: "redirected by a hub",
} as const;
