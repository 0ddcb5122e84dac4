/** The router itself: version, uptime, memory, what its kernel lacks. */
import type { HostState } from "#state/document-host.ts";
import type { IkeCountersState } from "#state/document-ike.ts";
import { state } from "../live.ts";
import { age, byteCount, count, percent } from "../model/words.ts";
import { Badge, Card, Code, Empty, Facts, Title } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";
import { UpdateCard } from "../parts/update-card.tsx";

/** The machine under the daemon, as it is while somebody looks. */
function Host({ of }: { readonly of: HostState }) {
  const { board, cpu, load, memory, temperature, disk, uptime } = of;
  const used = (space: HostState["memory"]): string =>
    `${percent(1 - space.available / Math.max(1, space.total))} of ${byteCount(space.total)}`;
  return (
    <Card title="Machine">
      <Facts
        of={[
          ["Processor", cpu === undefined ? undefined : `${percent(cpu)} busy`],
          ["Load", load.map((one) => one.toFixed(2)).join(", ")],
          ["Memory used", used(memory)],
          ["Disk used", disk && used(disk)],
          ["Board", board],
          ["Temperature", temperature === undefined ? undefined : `${Math.round(temperature)} °C`],
          ["Running for", age(uptime)],
        ]}
      />
    </Card>
  );
}

/** What IKE counted since the daemon started; what should be nought stands out when it is not. */
function IkeCounters({ of }: { readonly of: IkeCountersState }) {
  return (
    <Card title="IKE" note="Since the daemon started.">
      <Facts
        of={[
          ["Sessions", `${count(of["sessions-up"])} up, ${count(of["sessions-failed"])} failed`],
          ["Rekeys", `${count(of["ike-rekeys"])} IKE, ${count(of["child-rekeys"])} Child`],
          [
            "Datagrams",
            `${count(of["datagrams-in"])} received, ${count(of["datagrams-out"])} sent`,
          ],
          ["Retransmissions", count(of.retransmissions)],
          ["Liveness checks", count(of["liveness-checks"])],
          ["NAT keepalives", count(of["nat-keepalives"])],
          ["Undecodable", <Nought key="decode" of={of["decode-errors"]} />],
          ["Integrity failures", <Nought key="integrity" of={of["integrity-failures"]} />],
          ["Unexpected messages", <Nought key="unexpected" of={of["unexpected-messages"]} />],
        ]}
      />
    </Card>
  );
}

function Nought({ of }: { readonly of: number }) {
  return of === 0 ? <>0</> : <Badge tone="wait">{count(of)}</Badge>;
}

export function SystemView() {
  const known = state.value;
  if (!known) return null;
  const { version, hostname, uptime, system, tunnels, update } = known;
  return (
    <>
      <Title>System</Title>
      <Card title={hostname}>
        <Facts
          wide
          of={[
            ["FlexSpoke", version],
            ["Running for", age(uptime)],
            ["Memory of the daemon", byteCount(system.memory)],
          ]}
        />
      </Card>
      {update && <UpdateCard of={update} />}
      {system.host && <Host of={system.host} />}
      {system.ike && <IkeCounters of={system.ike} />}
      <Card title="Kernel">
        {system.faults.length === 0 ? (
          <Empty icon="check" title="The kernel has what is needed" />
        ) : (
          <ul class="concerns">
            {system.faults.map((fault) => (
              <li key={fault} class="concern tone-bad">
                <Icon name="warning" />
                <span>{fault}</span>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title="Tunnel interfaces">
        {Object.entries(tunnels).map(([name, tunnel]) => (
          <div key={name} class={`row tone-${tunnel.state === "up" ? "good" : "calm"}`}>
            <span class="lamp" />
            <b>{name}</b>
            <span class="row-note">
              <Code>{tunnel.addresses.join(", ") || "no address"}</Code>
            </span>
            <span class="row-value">
              {tunnel.state}, MTU {tunnel.mtu}
            </span>
          </div>
        ))}
      </Card>
    </>
  );
}
