/** The branch with a spoke to each of its peers: which carries the traffic, which stands by, which may not be used. */
import type { ClientState } from "#state/document.ts";
import type { Tone } from "../model/glance.ts";
import { peerWays } from "../model/peer-ways.ts";
import { Badge, Code } from "./basics.tsx";

const ROW = 68;
const MOST = 6;

export function WayFan({
  hostname,
  client,
  isCarrying,
}: {
  readonly hostname: string;
  readonly client: ClientState;
  /** Bytes moved lately: the line shows it. */
  readonly isCarrying: boolean;
}) {
  const all = peerWays(client);
  const ways = all.slice(0, MOST);
  if (ways.length === 0) return null;
  const height = ways.length * ROW;
  return (
    <div class="fan">
      <div class="fan-branch">
        <span class="fan-dot" />
        <b>{hostname}</b>
        {client.assigned.ipv4 && <Code>{client.assigned.ipv4}</Code>}
      </div>
      <svg
        class="fan-lines"
        viewBox={`0 0 100 ${height}`}
        preserveAspectRatio="none"
        height={height}
        aria-hidden="true"
        focusable="false"
      >
        {ways.map((way, index) => {
          const end = (index + 0.5) * ROW;
          const path = `M0 ${height / 2}C50 ${height / 2} 45 ${end} 100 ${end}`;
          const moves = way.use === "in-use" && isCarrying;
          return (
            <g key={way.host} class={`spoke spoke-${way.use} tone-${way.tone}`}>
              <path d={path} />
              {moves && <path class="spoke-flow" d={path} />}
            </g>
          );
        })}
      </svg>
      <ol class="fan-peers">
        {ways.map((way) => (
          <li key={way.host} class={`fan-peer fan-${way.use} tone-${way.tone}`}>
            <span class="fan-dot" />
            <div>
              <b>{way.host}</b>
              <span class="fan-words">
                <Badge tone={way.tone as Tone}>{way.label}</Badge>
                {way.detail && <span class="muted">{way.detail}</span>}
              </span>
            </div>
          </li>
        ))}
        {all.length > MOST && <li class="fan-more muted">and {all.length - MOST} more</li>}
      </ol>
    </div>
  );
}
