/** Track objects as a tree: each list with its members, what it says now and which of them decide it. */

import type { TrackObjectState } from "#state/document-track.ts";
import { tell } from "../actions.ts";
import { call } from "../api-calls.ts";
import { look, state, user } from "../live.ts";
import {
  expressionPieces,
  negatedObjects,
  objectTone,
  type TrackNode,
  thresholdText,
  trackTrees,
} from "../model/track-tree.ts";
import { plural } from "../model/words.ts";
import { Badge, Card, Empty, Since, Title, Until } from "../parts/basics.tsx";

export function TracksView() {
  const objects = state.value?.track ?? {};
  const trees = trackTrees(objects);
  const all = Object.values(objects);
  const down = all.filter((object) => object.state === "down").length;
  const lead =
    all.length === 0
      ? undefined
      : `${plural(all.length, "object")}, ${down === 0 ? "all up" : `${down} down`}. A marked member decides what its list says.`;
  return (
    <>
      <Title lead={lead}>Tracks</Title>
      {trees.length === 0 ? (
        <Card>
          <Empty icon="tracks" title="Nothing is tracked">
            Track objects watch interfaces, routes and probes, and decide which peer and source a
            client may use: <code>track</code> in the configuration.
          </Empty>
        </Card>
      ) : (
        <div class="trees">
          {trees.map((node) => (
            <section class="card tree" key={node.name} aria-label={`Track ${node.name}`}>
              <ul class="branchlet">
                <Node node={node} objects={objects} />
              </ul>
            </section>
          ))}
        </div>
      )}
    </>
  );
}

function Node({
  node,
  objects,
}: {
  readonly node: TrackNode;
  readonly objects: Readonly<Record<string, TrackObjectState>>;
}) {
  const { name, object, isDecisive, weight, children } = node;
  const tone = objectTone(object, negatedObjects(objects).has(name));
  return (
    <li class={`node tone-${tone}`}>
      <div class={isDecisive ? "node-box node-decisive" : "node-box"}>
        <p class="node-head">
          <span class="lamp" />
          <b>{name}</b>
          <Badge tone={tone}>{object.state}</Badge>
          {isDecisive && <span class="node-mark">decides</span>}
          {weight !== undefined && <span class="muted">weight {weight}</span>}
          <span class="node-since muted">
            for <Since at={object.since} />
          </span>
        </p>
        <Expression of={objects} name={name} />
        <p class="node-reason">{object.reason}</p>
        <p class="node-kind muted">{kindText(object)}</p>
        {object.pending && (
          <p class="node-pending">
            <Badge tone="busy">
              {object.pending.state} <Until at={object.pending.at} />
            </Badge>{" "}
            {object.pending.reason}
          </p>
        )}
        <StubButtons name={name} object={object} />
      </div>
      {children.length > 0 && (
        <ul class="branchlet">
          {children.map((child) => (
            <Node key={child.name} node={child} objects={objects} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** The expression as it is written, each name in the colour of its object. */
function Expression({
  of,
  name,
}: {
  readonly of: Readonly<Record<string, TrackObjectState>>;
  readonly name: string;
}) {
  const pieces = expressionPieces(of, name);
  if (pieces.length === 0) return null;
  return (
    <p class="expression">
      {pieces.map(({ text, kind, state: value, tone, isDecisive }, index) =>
        kind === "word" ? (
          <span key={`${index} ${text}`} class="expression-word">
            {text}
          </span>
        ) : (
          <span
            key={`${index} ${text}`}
            class={`expression-name tone-${tone ?? "calm"}${isDecisive ? " expression-decisive" : ""}`}
          >
            {text}
            <span class="hidden"> ({value})</span>
          </span>
        ),
      )}
    </p>
  );
}

function kindText(object: TrackObjectState): string {
  const { type, instance, parameter, delay } = object;
  const followers = object["tracked-by"].filter((one) => one.startsWith("client "));
  const rtt = object["latest-rtt"];
  return [
    [type, instance, parameter].filter(Boolean).join(" "),
    thresholdText(object),
    rtt === undefined ? undefined : `${rtt} ms`,
    delay && `waits ${delay.up} s before up, ${delay.down} s before down`,
    plural(object.changes, "change"),
    followers.length > 0 ? `followed by ${followers.join(", ")}` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}

/** A stub object is what somebody says it is. */
function StubButtons({
  name,
  object,
}: {
  readonly name: string;
  readonly object: TrackObjectState;
}) {
  if (object.type !== "stub-object" || user.value === null) return null;
  const other = object.state === "up" ? "down" : "up";
  return (
    <button type="button" class="button button-small" onClick={() => void setStub(name, other)}>
      Set it {other}
    </button>
  );
}

async function setStub(name: string, to: "up" | "down"): Promise<void> {
  const answer = await call(`/track/${encodeURIComponent(name)}`, "POST", { state: to });
  if (answer.is === "ok") tell({ tone: "good", text: `${name} is set ${to}.` });
  else if (answer.is === "refused") tell({ tone: "bad", text: answer.message });
  else tell({ tone: "bad", text: "The router can't be reached." });
  await look();
}
