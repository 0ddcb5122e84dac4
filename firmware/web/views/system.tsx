/** The router itself: version, uptime, memory, what its kernel lacks. */
import { state } from "../live.ts";
import { age, byteCount } from "../model/words.ts";
import { Card, Code, Empty, Facts, Title } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";

export function SystemView() {
  const known = state.value;
  if (!known) return null;
  const { version, hostname, uptime, system, tunnels } = known;
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
