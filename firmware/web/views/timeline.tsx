/** What happened, as stories with their causes; and every event as it was told. */
import { useComputed, useSignal } from "@preact/signals";
import type { StoredEvent } from "#state/document.ts";
import { events, now } from "../live.ts";
import { sentenceOf, severityTone, storiesOf } from "../model/story.ts";
import { dayName } from "../model/words.ts";
import { Badge, Card, Empty, Time, Title } from "../parts/basics.tsx";
import { StoryCard } from "../parts/story-card.tsx";

/** Rows of the list of events at first, and for each wish for more. */
const PAGE = 100;

export function TimelineView() {
  const tab = useSignal<"stories" | "events">("stories");
  const isStories = tab.value === "stories";
  return (
    <>
      <Title lead="What was lost, why, what was tried, and what took over.">Timeline</Title>
      <fieldset class="segments">
        <legend class="hidden">How to tell it</legend>
        <button
          type="button"
          class={isStories ? "segment segment-here" : "segment"}
          aria-pressed={isStories}
          onClick={() => {
            tab.value = "stories";
          }}
        >
          Stories
        </button>
        <button
          type="button"
          class={isStories ? "segment" : "segment segment-here"}
          aria-pressed={!isStories}
          onClick={() => {
            tab.value = "events";
          }}
        >
          Every event
        </button>
      </fieldset>
      {isStories ? <Stories /> : <Events />}
    </>
  );
}

function Stories() {
  const days = useComputed(() =>
    Object.entries(
      Object.groupBy(storiesOf(events.value), ({ began }) => dayName(began, now.value)),
    ),
  );
  if (days.value.length === 0)
    return (
      <Card>
        <Empty icon="timeline" title="Nothing has happened yet">
          The first connection begins the first story.
        </Empty>
      </Card>
    );
  return (
    <>
      {days.value.map(([day, stories], index) => (
        <Card key={day} title={day}>
          {(stories ?? []).map((story, place) => (
            <StoryCard
              key={`${story.client} ${story.steps[0]?.event.id}`}
              story={story}
              isOpen={index === 0 && place === 0}
            />
          ))}
        </Card>
      ))}
    </>
  );
}

function Events() {
  const wanted = useSignal("");
  const rows = useSignal(PAGE);
  const found = useComputed(() => {
    const text = wanted.value.toLowerCase();
    const matches = ({ message, mnemonic, client }: StoredEvent): boolean =>
      `${message} ${mnemonic} ${client}`.toLowerCase().includes(text);
    return events.value.filter(matches).reverse();
  });
  const shown = found.value.slice(0, rows.value);
  return (
    <Card>
      <label class="search">
        <span>Find events</span>
        <input
          type="search"
          placeholder="hub1, TRACK, no answer …"
          value={wanted.value}
          onInput={({ currentTarget }) => {
            wanted.value = currentTarget.value;
            rows.value = PAGE;
          }}
        />
      </label>
      {shown.length === 0 ? (
        <Empty icon="timeline" title="No event matches" />
      ) : (
        <ol class="events">
          {shown.map((event) => (
            <Row key={event.id} event={event} />
          ))}
        </ol>
      )}
      {found.value.length > rows.value && (
        <button
          type="button"
          class="button"
          onClick={() => {
            rows.value += PAGE;
          }}
        >
          Show more
        </button>
      )}
    </Card>
  );
}

function Row({ event }: { readonly event: StoredEvent }) {
  const cause = event.data["cause"];
  return (
    <li class={`event tone-${severityTone(event.severity)}`}>
      <span class="event-time">
        <Time at={event.time} />
      </span>
      <span class="event-text">
        {sentenceOf(event)}
        <small>
          {event.mnemonic} · {event.id}
          {typeof cause === "number" && ` because of ${cause}`}
        </small>
      </span>
      <span class="event-end">
        {event.client && <span class="muted">{event.client}</span>}
        <Badge tone={severityTone(event.severity)}>{event.severity}</Badge>
      </span>
    </li>
  );
}
