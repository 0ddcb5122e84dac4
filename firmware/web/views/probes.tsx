/** IP SLA operations: what each measures now, and charts of the one that is chosen. */
import type { SlaState } from "#state/document-sla.ts";
import { state } from "../live.ts";
import { probeTone } from "../model/probe-series.ts";
import { percent } from "../model/words.ts";
import { Badge, Card, Code, Empty, Title } from "../parts/basics.tsx";
import { ProbeCharts } from "../parts/probe-charts.tsx";
import { linkTo, route } from "../router.ts";

export function ProbesView() {
  const all = Object.entries(state.value?.sla ?? {});
  const chosen = all.find(([name]) => name === route.value.name) ?? all[0];
  if (!chosen)
    return (
      <>
        <Title>Probes</Title>
        <Card>
          <Empty icon="probes" title="Nothing is probed">
            Probes measure round-trip time, loss and jitter to hubs and servers: <code>sla</code> in
            the configuration.
          </Empty>
        </Card>
      </>
    );
  const [name, probe] = chosen;
  return (
    <>
      <Title>Probes</Title>
      <nav class="tiles" aria-label="Probes">
        {all.map(([one, each]) => (
          <Tile key={one} name={one} probe={each} isHere={one === name} />
        ))}
      </nav>
      <Card
        title={
          <>
            {name} <Badge tone={probeTone(probe)}>{probe["return-code"]}</Badge>
          </>
        }
        note={
          <>
            {probe.reason}. <span class="muted">{settings(probe)}</span>
          </>
        }
      >
        <ProbeCharts key={name} name={name} probe={probe} />
      </Card>
    </>
  );
}

function Tile({
  name,
  probe,
  isHere,
}: {
  readonly name: string;
  readonly probe: SlaState;
  readonly isHere: boolean;
}) {
  const latest = probe.rtt?.latest;
  return (
    <a
      class={`tile tone-${probeTone(probe)}${isHere ? " tile-here" : ""}`}
      href={linkTo("probes", name)}
      aria-current={isHere ? "true" : undefined}
    >
      <span class="tile-name">
        <span class="lamp" />
        {name}
      </span>
      <b class="tile-value">
        {latest === undefined ? (
          probe["return-code"]
        ) : (
          <>
            {latest.toFixed(latest < 100 ? 1 : 0)}
            <small> ms</small>
          </>
        )}
      </b>
      <span class="tile-note">
        {probe.type} <Code>{probe.target}</Code>
      </span>
      <span class="tile-note">
        {percent(probe.loss)} lost
        {probe.jitter === undefined ? "" : `, jitter ${probe.jitter.toFixed(1)} ms`}
      </span>
    </a>
  );
}

function settings(probe: SlaState): string {
  const { type, target, frequency, timeout, threshold, packets } = probe;
  const source = probe["source-interface"];
  return [
    `${type} to ${target}${source ? ` from ${source}` : ""}`,
    `every ${frequency / 1_000} s`,
    `timeout ${timeout} ms`,
    `threshold ${threshold} ms`,
    packets > 1 ? `${packets} packets a run` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}
