/** One story of the timeline: what happened, why, and step by step when it is opened. */
import { type ShownSteps, shownSteps } from "../model/steps-shown.ts";
import type { Story, StoryStep } from "../model/story.ts";
import { plural, shortTime } from "../model/words.ts";
import { Time } from "./basics.tsx";
import { Icon, type IconName } from "./icons.tsx";

const icons: Readonly<Record<Story["kind"], IconName>> = {
  connected: "check",
  failover: "arrow",
  return: "check",
  reconnected: "check",
  outage: "cross",
  stopped: "leave",
};

/** How long there was no tunnel, in words. */
function gapText({ gap, kind, isOver }: Story): string | undefined {
  if (!isOver) return "still so";
  if (gap === undefined) return undefined;
  if (gap < 1) return "without a gap";
  return kind === "return" ? `in ${shortTime(gap)}` : `carried again after ${shortTime(gap)}`;
}

export function StoryCard({ story, isOpen }: { readonly story: Story; readonly isOpen?: boolean }) {
  const gap = gapText(story);
  return (
    <article class={`story tone-${story.tone}`}>
      <span class="story-mark">
        <Icon name={icons[story.kind]} />
      </span>
      <div class="story-body">
        <p class="story-when">
          <Time at={story.began} />
          <span>{story.client}</span>
          {gap && <span class="story-gap">{gap}</span>}
        </p>
        <h3>{story.title}</h3>
        {story.because && <p class="story-because">{story.because}</p>}
        <details open={isOpen}>
          <summary>{plural(story.steps.length, "step")}</summary>
          <Steps of={shownSteps(story.steps, 14)} />
        </details>
      </div>
    </article>
  );
}

function Steps({ of: { first, leftOut, last } }: { readonly of: ShownSteps }) {
  return (
    <ol class="steps">
      {first.map((step) => (
        <Step key={step.event.id} step={step} />
      ))}
      {leftOut > 0 && <li class="step muted">{plural(leftOut, "step")} like these left out</li>}
      {last.map((step) => (
        <Step key={step.event.id} step={step} />
      ))}
    </ol>
  );
}

function Step({ step: { event, text, tone, offset } }: { readonly step: StoryStep }) {
  const cause = event.data["cause"];
  return (
    <li class={`step tone-${tone}`}>
      <span class="step-offset">{offset === 0 ? "0" : `+${shortTime(offset)}`}</span>
      <span class="step-text">
        {text}
        <small>
          {event.mnemonic} · event {event.id}
          {typeof cause === "number" && `, because of ${cause}`}
        </small>
      </span>
    </li>
  );
}
