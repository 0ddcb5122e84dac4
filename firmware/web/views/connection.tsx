/** One client whole: what can be asked of it, its peers, its standby, its security associations, its rehearsals. */
import type { ClientState, IkeSaState, IpsecSaState, StateDocument } from "#state/document.ts";
import { actions } from "../actions.ts";
import { state, user } from "../live.ts";
import { glanceAt } from "../model/glance.ts";
import { age, byteCount, count } from "../model/words.ts";
import { Badge, Card, Code, Empty, Facts, Scroll, Since, Title, Until } from "../parts/basics.tsx";
import { ActionButton, ClientActions } from "../parts/client-actions.tsx";
import { ClientTabs, useClient } from "../parts/client-tabs.tsx";
import { PeerTable } from "../parts/peer-table.tsx";
import { Rehearsal } from "../parts/rehearsal.tsx";
import { Throughput } from "../parts/throughput.tsx";

export function ConnectionView() {
  const known = state.value;
  const chosen = useClient(known);
  if (!known || !chosen)
    return (
      <>
        <Title>Connection</Title>
        <Card>
          <Empty icon="connection" title="No client is configured" />
        </Card>
      </>
    );
  const [name, client] = chosen;
  const { tone, headline } = glanceAt(client);
  const ike = known.ike.filter((sa) => sa.client === name);
  const ipsec = known.ipsec.filter((sa) => sa.client === name);
  return (
    <>
      <Title lead={client.reason}>
        {name} <Badge tone={tone}>{headline}</Badge>
      </Title>
      <ClientTabs view="connection" names={Object.keys(known.clients)} name={name} />
      <Card title="Actions">
        <ClientActions name={name} client={client} />
      </Card>
      <div class="columns">
        <Card title="Now">
          <Facts wide of={nowFacts(client, known)} />
        </Card>
        <Card title="Throughput">
          {client.state === "up" ? (
            <Throughput client={name} height={290} />
          ) : (
            <Empty icon="probes" title="Nothing is carried">
              There is no tunnel at the moment.
            </Empty>
          )}
        </Card>
      </div>
      <Card title="Peers" note="In the order in which they are tried.">
        <PeerTable client={client} />
      </Card>
      <Card
        title="Rehearsal"
        note="Every peer over every source, up to authentication, without moving traffic: what would work if it were needed."
        aside={
          user.value === null ? undefined : (
            <ActionButton
              client={name}
              action={actions.rehearse}
              disabled={client.rehearsal.running || client.state !== "up"}
            />
          )
        }
      >
        <Rehearsal of={client.rehearsal} />
      </Card>
      <Card title="IKE SAs">
        {ike.length === 0 ? (
          <Empty icon="connection" title="No IKE SA" />
        ) : (
          ike.map((sa) => <IkeSa key={sa["spi-initiator"]} sa={sa} />)
        )}
      </Card>
      <Card title="IPsec SAs" note="What carries the traffic; in is from the hub to this branch.">
        {ipsec.length === 0 ? (
          <Empty icon="connection" title="No IPsec SA" />
        ) : (
          <IpsecTable of={ipsec} />
        )}
      </Card>
      <Routes of={known} client={name} />
    </>
  );
}

function nowFacts(client: ClientState, { tunnels }: StateDocument) {
  const { peer, assigned, standby } = client;
  const mtu = tunnels[client.tunnel]?.mtu;
  const next = client["next-retry"];
  const code = (text: string | undefined) => text && <Code>{text}</Code>;
  return [
    ["Since", <Since key="since" at={client.since} />],
    [
      "Peer",
      peer &&
        `${peer.host}${peer.address && peer.address !== peer.host ? ` (${peer.address})` : ""}`,
    ],
    ["Source", client.source ?? (client.state === "up" ? "by the routing table" : undefined)],
    ["IPv4 address", code(assigned.ipv4)],
    ["IPv6 address", code(assigned.ipv6)],
    ["Tunnel", `${client.tunnel}${mtu === undefined ? "" : `, MTU ${mtu}`}`],
    [
      "Standby",
      standby &&
        `${standby.host}${standby.source ? ` from ${standby.source}` : ""}: ${standby.state}`,
    ],
    ["Networks", client.networks.length === 0 ? undefined : code(client.networks.join(", "))],
    ["Name servers", client.dns.length === 0 ? undefined : code(client.dns.join(", "))],
    ["Attempts", client.attempts === 0 ? undefined : String(client.attempts)],
    ["Next attempt", next && <Until key="next" at={next} />],
    ["Fault", code(client["reason-code"])],
  ] as const;
}

function IkeSa({ sa }: { readonly sa: IkeSaState }) {
  const { nat, authentication } = sa;
  const rekey = sa["rekey-in"];
  const between = nat.local && nat.remote ? "both ends" : nat.local ? "this branch" : "the hub";
  return (
    <article class="sa">
      <h3>
        {sa["remote-identity"] ?? sa.remote}{" "}
        <Badge tone={sa.state === "established" ? "good" : "busy"}>{sa.state}</Badge>
      </h3>
      <Facts
        of={[
          ["Local", <Code key="local">{sa.local}</Code>],
          ["Remote", <Code key="remote">{sa.remote}</Code>],
          ["Own identity", sa["local-identity"]],
          ["Encryption", [sa.encryption, sa.integrity].filter(Boolean).join(", ") || undefined],
          ["Key exchange", sa["key-exchange"]],
          ["PRF", sa.prf],
          [
            "Authentication",
            authentication && `${authentication.local} here, ${authentication.remote} there`,
          ],
          ["NAT", nat.local || nat.remote ? `before ${between}` : "none"],
          ["Age", age(sa.age)],
          ["Rekey", rekey === undefined ? undefined : `in ${age(rekey)}`],
          ["Rekeyed", sa.rekeys === 0 ? "never" : `${count(sa.rekeys)} times`],
          [
            "SPIs",
            <Code key="spi">
              {sa["spi-initiator"]} {sa["spi-responder"]}
            </Code>,
          ],
        ]}
      />
    </article>
  );
}

function IpsecTable({ of }: { readonly of: readonly IpsecSaState[] }) {
  return (
    <Scroll label="IPsec SAs">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">SPI</th>
            <th scope="col">Way</th>
            <th scope="col">Encryption</th>
            <th scope="col">Ends</th>
            <th scope="col">Selectors</th>
            <th scope="col" class="number">
              Carried
            </th>
            <th scope="col" class="number">
              Dropped
            </th>
            <th scope="col" class="number">
              Age
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((sa) => {
            const drops = sa["replay-drops"] + sa["integrity-failures"];
            return (
              <tr key={`${sa.direction} ${sa.spi}`}>
                <th scope="row">
                  <Code>{sa.spi}</Code>
                </th>
                <td>{sa.direction}</td>
                <td>
                  {[sa.encryption, sa.integrity, sa.esn ? "ESN" : undefined]
                    .filter(Boolean)
                    .join(", ")}
                </td>
                <td>
                  <Code>
                    {sa.source} → {sa.destination}
                  </Code>
                  {sa["udp-encapsulation"] && <small class="muted"> in UDP</small>}
                </td>
                <td>
                  <Code>
                    {sa.selectors.local.join(", ")} ↔ {sa.selectors.remote.join(", ")}
                  </Code>
                </td>
                <td class="number">
                  {byteCount(sa.bytes)}
                  <small class="muted"> {count(sa.packets)} packets</small>
                </td>
                <td class="number">
                  {drops === 0 ? "0" : <Badge tone="wait">{count(drops)}</Badge>}
                </td>
                <td class="number">{age(sa.age)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

function Routes({ of, client }: { readonly of: StateDocument; readonly client: string }) {
  const routes = of.routes.filter((route) => route.client === client);
  if (routes.length === 0) return null;
  return (
    <Card title="Routes" note="Those that this client put into the routing table.">
      <Scroll label="Routes">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Destination</th>
              <th scope="col">By</th>
              <th scope="col" class="number">
                Metric
              </th>
            </tr>
          </thead>
          <tbody>
            {routes.map((route) => (
              <tr key={`${route.destination} ${route.device} ${route.metric}`}>
                <th scope="row">
                  <Code>{route.destination}</Code>
                </th>
                <td>
                  {route.device ?? "nowhere (guarded by the kill switch)"}
                  {route.gateway && (
                    <>
                      {" "}
                      by <Code>{route.gateway}</Code>
                    </>
                  )}
                </td>
                <td class="number">{route.metric}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}
