/**
 * What the page knows, kept up to date while somebody looks: the state document every two seconds and right after each
 * event, the events as they happen. Hidden, it asks for nothing.
 */
import { signal } from "@preact/signals";
import type { StateDocument, StoredEvent } from "#state/document.ts";
import { call } from "./api-calls.ts";
import { foretell } from "./model/foretell.ts";
import { lookAt, noRates, type RateHistory } from "./model/rates.ts";

/** How things stand with the daemon. */
export type Contact = "starting" | "there" | "away" | "login";

export const contact = signal<Contact>("starting");
/** Epoch milliseconds of the reader since when the daemon is away. */
export const awaySince = signal(0);
export const state = signal<StateDocument | undefined>(undefined);
/** The newest, in the order of their ids. */
export const events = signal<readonly StoredEvent[]>([]);
export const rates = signal<RateHistory>(noRates);
/** The time of the device, epoch milliseconds; it ticks once a second. */
export const now = signal(Date.now());
/** Who is logged in; null where nobody can be and the page may only be read. */
export const user = signal<string | null | undefined>(undefined);

/** Milliseconds between two looks at the state. */
const PACE = 2_000;
/** Events that the page keeps. */
const KEPT = 1_000;
const HISTORY = 500;
/** An event this young tells how things are now. */
const RECENT = 10_000;

/** How much the device's clock is ahead of the reader's, milliseconds. */
let ahead = 0;
let stream: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let isAsking = false;
/** Looks so far, and the one under way when an event foretold the state: what that one brings is older than the event. */
let looks = 0;
let looksForetold = 0;
let isAskedAgain = false;

/** Begins to follow the daemon. Call it once. */
export function follow(): void {
  setInterval(() => {
    now.value = Date.now() + ahead;
  }, 1_000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) rest();
    else void wake();
  });
  void wake();
}

/** After a login, or at the start: everything anew. */
export async function wake(): Promise<void> {
  await learnSession();
  await look();
  openStream();
}

/** Ends the session at the daemon and shows the login. */
export async function logOut(): Promise<void> {
  await call("/session", "DELETE");
  enterLogin();
}

/** @returns what to say when it did not work. */
export async function logIn(name: string, password: string): Promise<string | undefined> {
  const answer = await call<undefined>("/session", "POST", { user: name, password });
  if (answer.is === "ok") {
    await wake();
    return undefined;
  }
  if (answer.is === "away") return "The router can't be reached.";
  if (answer.is === "refused" && answer.status !== 401) return answer.message;
  return "This name and password do not go together.";
}

async function learnSession(): Promise<void> {
  const answer = await call<{ user: string | null }>("/session");
  if (answer.is === "ok") user.value = answer.value.user;
}

/** Looks at the state now; a wish during a look is one more look after it. */
export async function look(): Promise<void> {
  if (isAsking) {
    isAskedAgain = true;
    return;
  }
  isAsking = true;
  looks++;
  clearTimeout(timer);
  const answer = await call<StateDocument>("/state");
  isAsking = false;
  const isStale = isAskedAgain && looksForetold === looks;
  if (answer.is === "login") return enterLogin();
  if (answer.is !== "ok") enterAway();
  else if (!isStale) take(answer.value, answer.at);
  if (document.hidden) return;
  if (isAskedAgain) {
    isAskedAgain = false;
    void look();
    return;
  }
  timer = setTimeout(() => void look(), PACE);
}

function take(document: StateDocument, at: number | undefined): void {
  const here = Date.now();
  // The header has whole seconds: a difference below that is none.
  if (at !== undefined && Math.abs(here + ahead - at) > 1_500) ahead = at - here;
  now.value = here + ahead;
  rates.value = lookAt(rates.value, document, now.value);
  state.value = document;
  const wasAway = contact.value !== "there";
  contact.value = "there";
  if (wasAway) openStream();
}

function enterAway(): void {
  if (contact.value !== "away") awaySince.value = Date.now();
  contact.value = "away";
}

function enterLogin(): void {
  rest();
  user.value = undefined;
  state.value = undefined;
  events.value = [];
  contact.value = "login";
}

function rest(): void {
  clearTimeout(timer);
  stream?.close();
  stream = undefined;
}

/** The browser opens it again by itself after a loss, and says which event it had last. */
function openStream(): void {
  if (contact.value !== "there" || document.hidden) return;
  if (stream && stream.readyState !== EventSource.CLOSED) return;
  stream = new EventSource("/api/v1/events");
  stream.onopen = () => void catchUp();
  stream.onmessage = ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as StoredEvent;
    // After a loss the browser asks for what it missed: that is the past already.
    if (state.value && now.value - Date.parse(event.time) < RECENT) {
      const foretold = foretell(state.value, event);
      if (foretold !== state.value) looksForetold = looks;
      state.value = foretold;
    }
    keep([event]);
    void look();
  };
  stream.onerror = () => void look();
}

/** What happened before the stream was there. */
async function catchUp(): Promise<void> {
  const answer = await call<readonly StoredEvent[]>(`/events?last=${HISTORY}`);
  if (answer.is === "ok") keep(answer.value);
}

function keep(more: readonly StoredEvent[]): void {
  const known = events.value;
  const last = known.at(-1)?.id ?? 0;
  // A store that was lost begins to count anew.
  const isRising = more.every(({ id }) => id > last);
  const merged = isRising
    ? [...known, ...more]
    : [...new Map([...known, ...more].map((event) => [event.id, event])).values()].sort(
        (a, b) => a.id - b.id,
      );
  events.value = merged.slice(-KEPT);
}
