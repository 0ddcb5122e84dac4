/** The first look: connected or not, through what, since when; what needs somebody; what happened last. */
import { useComputed } from "@preact/signals";
import type { ClientState, StateDocument } from "#state/document.ts";
import { events, rates, state } from "../live.ts";
import { concerns, glanceAt } from "../model/glance.ts";
import { probeTone } from "../model/probe-series.ts";
import { storiesOf } from "../model/story.ts";
import { negatedObjects, objectTone } from "../model/track-tree.ts";
import { age, percent, shortTime } from "../model/words.ts";
import { Badge, Card, Code, Empty, Facts, Since, Time, Title, Until } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";
import { StoryCard } from "../parts/story-card.tsx";
import { Throughput } from "../parts/throughput.tsx";
import { WayFan } from "../parts/way-fan.tsx";
import { linkTo } from "../router.ts";

/** Networks that are named one by one; a hub may send hundreds. */
const MOST_NETWORKS = 3;

export function OverviewView() {
  const known = state.value;
  const stories = useComputed(() => storiesOf(events.value).slice(0, 3));
  if (!known) return null;
  const clients = Object.entries(known.clients);
  return (
    <>
      <Title>Overview</Title>
      {clients.length === 0 && (
        <Card>
          <Empty icon="connection" title="No client is configured">
            Add one under <code>clients</code> in <code>config.yaml</code>;{" "}
            <code>flexspoke check</code> says what is missing.
          </Empty>
        </Card>
      )}
      {clients.map(([name, client]) => (
        <ClientCard key={name} name={name} client={client} known={known} />
      ))}
      <Concerns of={known} />
      <div class="columns">
        <Card title="What happened last" aside={<More to="timeline">Timeline</More>}>
          {stories.value.length === 0 ? (
            <Empty icon="timeline" title="Nothing yet">
              Connections, failovers and their causes are told here as they happen.
            </Empty>
          ) : (
            stories.value.map((story) => (
              <StoryCard key={`${story.client} ${story.steps[0]?.event.id}`} story={story} />
            ))
          )}
        </Card>
        <div class="stack">
          <ProbeList of={known} />
          <TrackList of={known} />
          <LineList of={known} />
        </div>
      </div>
    </>
  );
}

function ClientCard({
  name,
  client,
  known,
}: {
  readonly name: string;
  readonly client: ClientState;
  readonly known: StateDocument;
}) {
  const { tone, headline } = glanceAt(client);
  const isUp = client.state === "up";
  const last = rates.value.clients[name]?.at(-1);
  return (
    <section class={`card hero tone-${tone}`} aria-label={`Client ${name}`}>
      <header class="hero-head">
        <span class="hero-lamp" />
        <div>
          <p class="hero-name">{name}</p>
          <h2 data-client={name}>
            {headline}
            {isUp && client.peer && (
              <>
                {" "}
                <span class="hero-through">through {client.peer.host}</span>
              </>
            )}
          </h2>
          <p class="hero-reason">{heroReason(client)}</p>
        </div>
        <div class="hero-since">
          <span class="muted">{isUp ? "connected for" : "for"}</span>
          <b>
            <Since at={client.since} />
          </b>
          <span class="muted">
            since <Time at={client.since} />
          </span>
        </div>
      </header>
      <div class="hero-body">
        <WayFan
          hostname={known.hostname}
          client={client}
          isCarrying={last !== undefined && last.received + last.sent > 0}
        />
        <div class="hero-side">
          {isUp ? (
            <Throughput client={name} height={132} />
          ) : (
            <Trouble name={name} client={client} />
          )}
        </div>
      </div>
      <footer class="hero-foot">
        <Facts
          of={[
            ["Standby", standbyText(client)],
            ["Reaches", networksText(client)],
            ["Tunnel", tunnelText(client, known)],
            ["Keys", keysText(name, known)],
          ]}
        />
        <More to={`connection/${name}`}>Details and actions</More>
      </footer>
    </section>
  );
}

function heroReason(client: ClientState): string {
  const isPlain = client.state === "up" && client["reason-code"] === undefined;
  if (!isPlain) return client.reason;
  const { source, assigned } = client;
  const from = source ? ` from ${source}` : "";
  return assigned.ipv4 || assigned.ipv6
    ? `Carries traffic${from} as ${[assigned.ipv4, assigned.ipv6].filter(Boolean).join(" and ")}.`
    : `Carries traffic${from}.`;
}

function standbyText({ standby, state: status }: ClientState): string | undefined {
  if (!standby) return status === "up" ? "none" : undefined;
  return `${standby.host}${standby.source ? ` from ${standby.source}` : ""}, ${standby.state}`;
}

function networksText({ networks }: ClientState): string | undefined {
  if (networks.length === 0) return undefined;
  const rest = networks.length - MOST_NETWORKS;
  return `${networks.slice(0, MOST_NETWORKS).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function tunnelText({ tunnel }: ClientState, { tunnels }: StateDocument): string {
  const mtu = tunnels[tunnel]?.mtu;
  return mtu === undefined ? tunnel : `${tunnel}, MTU ${mtu}`;
}

function keysText(name: string, { ike }: StateDocument): string | undefined {
  const sa = ike.find((one) => one.client === name && one.encryption !== undefined);
  const rekey = sa?.["rekey-in"];
  if (!sa) return undefined;
  return `${sa.encryption}${rekey === undefined ? "" : `, new ones in ${age(rekey)}`}`;
}

function Trouble({ name, client }: { readonly name: string; readonly client: ClientState }) {
  const next = client["next-retry"];
  return (
    <div class="trouble">
      <Facts
        wide
        of={[
          ["Attempts", client.attempts === 0 ? undefined : client.attempts],
          ["Next attempt", next === undefined ? undefined : <Until at={next} />],
          ["Fault", client["reason-code"] && <Code>{client["reason-code"]}</Code>],
        ]}
      />
      {client.state !== "idle" && (
        <a class="button" href={linkTo("diagnose", name)}>
          Why? Diagnose it
        </a>
      )}
    </div>
  );
}

function Concerns({ of }: { readonly of: StateDocument }) {
  const list = concerns(of);
  if (list.length === 0) return null;
  return (
    <Card title="Needs attention">
      <ul class="concerns">
        {list.map(({ tone, text, view }) => (
          <li key={text} class={`concern tone-${tone}`}>
            <Icon name="warning" />
            <a href={`#/${view}`}>{text}</a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function ProbeList({ of: { sla } }: { readonly of: StateDocument }) {
  const all = Object.entries(sla);
  if (all.length === 0) return null;
  return (
    <Card title="Probes" aside={<More to="probes">Charts</More>}>
      <ul class="rows">
        {all.map(([name, probe]) => (
          <li key={name} class={`row tone-${probeTone(probe)}`}>
            <span class="lamp" />
            <a href={linkTo("probes", name)}>{name}</a>
            <span class="row-note">{probe.target}</span>
            <span class="row-value">
              {probe.rtt?.latest === undefined ? probe["return-code"] : shortTime(probe.rtt.latest)}
              {probe.loss > 0 && <small class="tone-wait">{percent(probe.loss)} lost</small>}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function TrackList({ of: { track } }: { readonly of: StateDocument }) {
  const all = Object.entries(track);
  const isNegated = negatedObjects(track);
  if (all.length === 0) return null;
  return (
    <Card title="Tracks" aside={<More to="tracks">Tree</More>}>
      <ul class="rows">
        {all.map(([name, object]) => (
          <li key={name} class={`row tone-${objectTone(object, isNegated.has(name))}`}>
            <span class="lamp" />
            <a href={linkTo("tracks")}>{name}</a>
            <span class="row-note">{object.reason}</span>
            <span class="row-value">{object.state}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function LineList({ of: { dialers } }: { readonly of: StateDocument }) {
  const all = Object.entries(dialers);
  if (all.length === 0) return null;
  return (
    <Card title="Lines" aside={<More to="lines">Lines</More>}>
      <ul class="rows">
        {all.map(([name, line]) => (
          <li key={name} class={`row tone-${line.state === "connected" ? "good" : "calm"}`}>
            <span class="lamp" />
            <a href={linkTo("lines")}>{name}</a>
            <span class="row-note">{line.reason}</span>
            <span class="row-value">
              <Badge tone={line.state === "connected" ? "good" : "calm"}>{line.state}</Badge>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function More({ to, children }: { readonly to: string; readonly children: string }) {
  return (
    <a class="more-link" href={`#/${to}`}>
      {children}
      <Icon name="chevron" />
    </a>
  );
}
