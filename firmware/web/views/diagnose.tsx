/** Why a client is not up, or what failed last: findings with their evidence and what to do. */
import { useEffect, useState } from "preact/hooks";
import type { Diagnosis, Evidence, Finding } from "#state/diagnose/diagnosis.ts";
import { type Answer, call } from "../api-calls.ts";
import { state } from "../live.ts";
import type { Tone } from "../model/glance.ts";
import { Badge, Card, Empty, Time, Title } from "../parts/basics.tsx";
import { ClientTabs, useClient } from "../parts/client-tabs.tsx";
import { Icon } from "../parts/icons.tsx";

export function DiagnoseView() {
  const known = state.value;
  const chosen = useClient(known);
  const name = chosen?.[0];
  const [answer, setAnswer] = useState<Answer<Diagnosis> | undefined>(undefined);
  const [round, setRound] = useState(0);
  const stateNow = `${chosen?.[1].state} ${chosen?.[1].peer?.host}`;
  useEffect(() => {
    let isGone = false;
    setAnswer(undefined);
    if (name !== undefined)
      void call<Diagnosis>(`/diagnose/${encodeURIComponent(name)}`).then((found) => {
        if (!isGone) setAnswer(found);
      });
    return () => {
      isGone = true;
    };
  }, [name, stateNow, round]);
  if (!known || name === undefined)
    return (
      <>
        <Title>Diagnose</Title>
        <Card>
          <Empty icon="diagnose" title="No client is configured" />
        </Card>
      </>
    );
  return (
    <>
      <Title lead="The evidence looked through for what stands in the way, with what to do about it.">
        Diagnose
      </Title>
      <ClientTabs view="diagnose" names={Object.keys(known.clients)} name={name} />
      <Outcome answer={answer} again={() => setRound(round + 1)} />
    </>
  );
}

function Outcome({
  answer,
  again,
}: {
  readonly answer: Answer<Diagnosis> | undefined;
  readonly again: () => void;
}) {
  if (!answer)
    return (
      <Card>
        <p class="muted" role="status">
          Looking at the evidence…
        </p>
      </Card>
    );
  if (answer.is === "refused" && answer.status === 404)
    return (
      <Card>
        <Empty icon="diagnose" title="This firmware does not diagnose yet">
          The timeline tells what failed and why.
        </Empty>
      </Card>
    );
  if (answer.is !== "ok")
    return (
      <Card>
        <Empty icon="warning" title="There is no diagnosis now">
          {answer.is === "refused" ? answer.message : "The router can't be reached."}
        </Empty>
      </Card>
    );
  const { healthy, summary, findings, at } = answer.value;
  return (
    <>
      <section class={`card verdict-card tone-${healthy ? "good" : "bad"}`}>
        <Icon name={healthy ? "check" : "warning"} />
        <div>
          <h2>{healthy ? "Nothing stands in the way" : "Something stands in the way"}</h2>
          <p>{summary}</p>
          <p class="muted">
            Looked at <Time at={at} />
          </p>
        </div>
        <button type="button" class="button" onClick={again}>
          Look again
        </button>
      </section>
      {findings.map((finding, index) => (
        <FindingCard key={`${finding.code} ${index}`} finding={finding} />
      ))}
    </>
  );
}

const certainties: Readonly<Record<Finding["certainty"], Tone>> = {
  certain: "bad",
  likely: "wait",
  possible: "calm",
};

function FindingCard({ finding }: { readonly finding: Finding }) {
  const { certainty, when, explanation, remedy, evidence, code } = finding;
  return (
    <section class={`card finding tone-${when === "now" ? certainties[certainty] : "calm"}`}>
      <p class="finding-head">
        <Badge tone={certainties[certainty]}>{certainty}</Badge>
        <span class="muted">{when === "now" ? "stands in the way now" : "was the last fault"}</span>
        <span class="code muted">{code}</span>
      </p>
      <h2>{explanation}</h2>
      <p class="remedy">
        <b>What to do</b> {remedy}
      </p>
      {evidence.length > 0 && (
        <details open={certainty !== "possible"}>
          <summary>Evidence</summary>
          <ul class="evidence">
            {evidence.map((item) => (
              <EvidenceItem key={item.text} item={item} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function EvidenceItem({ item }: { readonly item: Evidence }) {
  const { kind, text, event, comparison } = item;
  return (
    <li>
      <span class="evidence-kind">{kind}</span>
      <span>
        {text}
        {event !== undefined && <small class="muted"> event {event}</small>}
        {comparison && (
          <span class="comparison">
            <Side title="This branch" of={comparison.ours} />
            <Side title="The hub" of={comparison.theirs} />
          </span>
        )}
      </span>
    </li>
  );
}

function Side({ title, of }: { readonly title: string; readonly of: readonly string[] }) {
  return (
    <span class="side">
      <b>{title}</b>
      {of.map((line) => (
        <span key={line} class="code">
          {line}
        </span>
      ))}
    </span>
  );
}
