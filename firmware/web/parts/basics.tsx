/** The small pieces that every view is made of. */
import type { ComponentChildren } from "preact";
import { now } from "../live.ts";
import type { Tone } from "../model/glance.ts";
import { age, clockTime } from "../model/words.ts";
import { Icon, type IconName } from "./icons.tsx";

interface WithChildren {
  readonly children?: ComponentChildren;
}

/** A word in a colour that means something; the word says it too. */
export function Badge({ tone, children }: WithChildren & { readonly tone: Tone }) {
  return <span class={`badge tone-${tone}`}>{children}</span>;
}

/** A titled part of a view. */
export function Card({
  title,
  aside,
  note,
  tone,
  children,
}: WithChildren & {
  readonly title?: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly tone?: Tone;
}) {
  return (
    <section class={tone ? `card tone-${tone} card-toned` : "card"}>
      {(title || aside) && (
        <header class="card-head">
          {title && <h2>{title}</h2>}
          {aside && <div class="card-aside">{aside}</div>}
        </header>
      )}
      {note && <p class="card-note">{note}</p>}
      {children}
    </section>
  );
}

/** Names and values. Values that are undefined are left out. */
export function Facts({
  of,
  wide,
}: {
  readonly of: readonly (readonly [name: string, value: ComponentChildren | undefined])[];
  readonly wide?: boolean;
}) {
  return (
    <dl class={wide ? "facts facts-wide" : "facts"}>
      {of.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** Nothing to show, and why that is all right or what to do. */
export function Empty({
  icon,
  title,
  children,
}: WithChildren & { readonly icon: IconName; readonly title: string }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** A point in time, by the clock of the reader. */
export function Time({ at }: { readonly at: string }) {
  return <time dateTime={at}>{clockTime(at, now.value)}</time>;
}

/** How long ago, ticking. */
export function Since({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={clockTime(at, now.value)}>
      {age((now.value - Date.parse(at)) / 1_000)}
    </time>
  );
}

/** How long until, ticking. */
export function Until({ at }: { readonly at: string }) {
  const seconds = (Date.parse(at) - now.value) / 1_000;
  return <time dateTime={at}>{seconds <= 0 ? "now" : `in ${age(Math.ceil(seconds))}`}</time>;
}

/** The title of a view, where a reader arrives. */
export function Title({ children, lead }: WithChildren & { readonly lead?: ComponentChildren }) {
  return (
    <div class="title">
      <h1 id="title" tabIndex={-1}>
        {children}
      </h1>
      {lead && <p class="lead">{lead}</p>}
    </div>
  );
}

/** Addresses, SPIs and the like. */
export function Code({ children }: WithChildren) {
  return <span class="code">{children}</span>;
}

/** What is too wide for a phone scrolls by itself, with the keyboard too. */
export function Scroll({ label, children }: WithChildren & { readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls has to be reached with the keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
