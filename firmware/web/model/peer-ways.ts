/** The peers of a client with what each is to it now. */
import type { ClientState } from "#state/document.ts";
import type { Tone } from "./glance.ts";

export interface PeerWay {
  readonly host: string;
  readonly use: "in-use" | "trying" | "standby" | "held" | "spare";
  readonly tone: Tone;
  readonly label: string;
  /** Address, source, why it is held, how it failed last; as short as it can be. */
  readonly detail: string | undefined;
}

/** The working list in its order. */
export function peerWays(client: ClientState): readonly PeerWay[] {
  const { peer, peers, standby, source, state } = client;
  return peers.map((entry): PeerWay => {
    const { host, held, origin } = entry;
    const failure = entry["last-failure"];
    const isIt = peer?.seq === entry.seq && peer.host === host;
    if (isIt && state === "up")
      return {
        host,
        use: "in-use",
        tone: "good",
        label: "In use",
        detail: placeOf(host, peer.address, source),
      };
    if (isIt && /^(resolving|connecting|authenticating)$/.test(state))
      return {
        host,
        use: "trying",
        tone: "busy",
        label: "Trying",
        detail: placeOf(host, peer.address, source),
      };
    if (standby && standby.seq === entry.seq && standby.host === host) {
      const isReady = standby.state === "ready";
      return {
        host,
        use: "standby",
        tone: "busy",
        label: isReady ? "Stands by" : "Getting ready",
        detail: placeOf(host, standby.address, standby.source),
      };
    }
    if (held !== undefined) return { host, use: "held", tone: "wait", label: "Held", detail: held };
    if (failure !== undefined)
      return { host, use: "spare", tone: "wait", label: "Failed last", detail: failure };
    const detail = origin === "static" ? undefined : `${origin} by a hub`;
    return { host, use: "spare", tone: "calm", label: "Not in use", detail };
  });
}

function placeOf(host: string, address: string | undefined, source: string | undefined) {
  const parts = [address === host ? undefined : address, source && `from ${source}`];
  const text = parts.filter((part) => part !== undefined).join(" ");
  return text === "" ? undefined : text;
}
