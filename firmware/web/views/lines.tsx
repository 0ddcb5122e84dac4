/** Dialers: which lines are up, for whom, since when, what they carried and why one is not. */
import type { DialerState } from "#state/dialer-state.ts";
import { state } from "../live.ts";
import type { Tone } from "../model/glance.ts";
import { age, byteCount, capital, count } from "../model/words.ts";
import { Badge, Card, Code, Empty, Facts, Since, Time, Title, Until } from "../parts/basics.tsx";

const tones: Readonly<Record<DialerState["state"], Tone>> = {
  idle: "calm",
  dialing: "busy",
  connected: "good",
  "hanging-up": "busy",
  backoff: "bad",
  resetting: "wait",
};

export function LinesView() {
  const lines = Object.entries(state.value?.dialers ?? {});
  return (
    <>
      <Title lead={lines.length === 0 ? undefined : "Dialled only while somebody wants them."}>
        Lines
      </Title>
      {lines.length === 0 ? (
        <Card>
          <Empty icon="lines" title="No dialled lines">
            LTE modems, PPPoE and serial lines that are dialled on demand: <code>dialers</code> in
            the configuration.
          </Empty>
        </Card>
      ) : (
        lines.map(([name, line]) => <Line key={name} name={name} line={line} />)
      )}
    </>
  );
}

function Line({ name, line }: { readonly name: string; readonly line: DialerState }) {
  const { traffic } = line;
  const failure = line["last-failure"];
  const demand = line["demanded-by"];
  const upSince = line["connected-since"];
  const next = line["next-attempt"];
  const hangUp = line["hang-up-at"];
  return (
    <Card
      title={
        <>
          {name} <Badge tone={tones[line.state]}>{line.state}</Badge>
        </>
      }
      note={capital(line.reason)}
    >
      <Facts
        of={[
          ["Wanted by", demand.length === 0 ? "nobody" : demand.join(", ")],
          ["Kind", line.kind],
          ["Interface", line.interface],
          ["Addresses", line.addresses.length > 0 && <Code>{line.addresses.join(", ")}</Code>],
          ["Connected for", upSince && <Since at={upSince} />],
          ["Hangs up", hangUp && <Until at={hangUp} />],
          ["Next attempt", next && <Until at={next} />],
          [
            "Carried",
            traffic && `${byteCount(traffic.received)} received, ${byteCount(traffic.sent)} sent`,
          ],
          ["Attempts", `${count(line.attempts)}, of which ${count(line.failures)} failed`],
          ["Connected in all", age(line["seconds-connected"])],
          ["Resets", line.resets === 0 ? undefined : count(line.resets)],
        ].filter((fact): fact is [string, string] => fact[1] !== false)}
      />
      {failure && (
        <p class="callout tone-wait">
          <b>Last failure</b> <Time at={failure.time} />: {failure.reason}
        </p>
      )}
    </Card>
  );
}
