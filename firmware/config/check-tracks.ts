/** What track objects say about each other and about the rest of the file: references, loops, thresholds that can be met. */
import { isBooleanWord, objectsOf, parseBoolean } from "./boolean-syntax.ts";
import type { ConfigPath } from "./config-error.ts";
import { parseDuration } from "./duration-syntax.ts";
import type { Problems } from "./problems.ts";
import type { FileClient } from "./schema-client.ts";
import type { FileTrack } from "./schema-track.ts";
import { suggest } from "./suggestion.ts";

type Tracks = Readonly<Record<string, FileTrack>>;

/** A mention of another object: which, and how to point at it. */
interface Mention {
  readonly object: string;
  readonly path: ConfigPath;
  readonly at: Parameters<Problems["error"]>[2];
}

/**
 * Tells of every fault that the schema can't see.
 * @param operations names of the `sla` section.
 */
export function checkTracks(
  tracks: Tracks,
  operations: readonly string[],
  problems: Problems,
): void {
  const mentions = new Map<string, readonly Mention[]>();
  for (const [name, track] of Object.entries(tracks)) {
    const path = ["track", name];
    if (isBooleanWord(name))
      problems.error(path, "is a word of boolean expressions (choose another name)", "key");
    checkNumbers(track, path, problems);
    if (track.sla !== undefined)
      checkTrackReference(track.sla, operations, [...path, "sla"], problems, "sla operation");
    mentions.set(name, mentionsOf(track, path, problems));
  }
  const names = Object.keys(tracks);
  for (const { object, path, at } of [...mentions.values()].flat())
    checkTrackReference(object, names, path, problems, "track object", at);
  refuseLoops(mentions, problems);
}

/** Tells of every track object that a client follows and that does not exist. */
export function checkClientTracks(
  { connect, peers, source }: FileClient,
  path: ConfigPath,
  names: readonly string[],
  problems: Problems,
): void {
  const check = (reference: string | number | undefined, ...steps: ConfigPath) => {
    if (reference !== undefined)
      checkTrackReference(reference, names, [...path, ...steps, "track"], problems);
  };
  if (typeof connect === "object") check(connect.track, "connect");
  for (const [index, { track }] of peers.entries()) check(track, "peers", index);
  for (const [index, { track }] of source.entries()) check(track, "source", index);
}

/** Tells when `reference` names nothing, and what could have been meant. */
export function checkTrackReference(
  reference: string | number,
  known: readonly string[],
  path: ConfigPath,
  problems: Problems,
  kind: "track object" | "sla operation" = "track object",
  at: Mention["at"] = "value",
): void {
  if (known.includes(String(reference))) return;
  const guess = suggest(String(reference), known);
  const hint = guess === undefined ? "" : `did you mean ${guess}? `;
  const shown = known.length > MOST_NAMES ? [...known.slice(0, MOST_NAMES), "…"] : known;
  const choice = shown.length > 0 ? shown.join(", ") : "none is configured";
  problems.error(path, `no ${kind} has this name (${hint}${choice})`, at);
}

function mentionsOf(track: FileTrack, path: ConfigPath, problems: Problems): readonly Mention[] {
  const { boolean, threshold } = track;
  if (boolean !== undefined) {
    const place = [...path, "boolean"];
    const parsed = parseBoolean(boolean);
    if (!parsed.ok) {
      const { message, at: offset } = parsed.error;
      problems.error(place, message, { text: boolean, offset });
      return [];
    }
    return objectsOf(parsed.value).map(({ object, at: offset }) => ({
      object,
      path: place,
      at: { text: boolean, offset },
    }));
  }
  const weights = Object.keys(threshold?.weight ?? {}).map((object): Mention => {
    return { object, path: [...path, "threshold", "weight", object], at: "key" };
  });
  const listed = threshold?.percentage?.objects ?? [];
  const place = [...path, "threshold", "percentage", "objects"];
  const shares = listed.map((object, index): Mention => {
    if (listed.map(String).indexOf(String(object)) < index)
      problems.error([...place, index], "is in the list already (each object once)");
    return { object: String(object), path: [...place, index], at: "value" };
  });
  return [...weights, ...shares];
}

/** Depth first with a stack of its own: a chain of objects may be as long as the file. */
function refuseLoops(mentions: ReadonlyMap<string, readonly Mention[]>, problems: Problems): void {
  const done = new Set<string>();
  for (const start of mentions.keys()) {
    const trail: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    const open = new Set([start]);
    for (let top = trail.at(-1); top && !done.has(start); top = trail.at(-1)) {
      const mention = mentions.get(top.name)?.[top.next++];
      if (mention === undefined) {
        done.add(top.name);
        open.delete(top.name);
        trail.pop();
      } else if (open.has(mention.object)) {
        const names = trail.map(({ name }) => name);
        const loop = [...names.slice(names.indexOf(mention.object)), mention.object];
        problems.error(mention.path, `is a loop: ${loop.join(" > ")} (take one out)`, mention.at);
      } else if (mentions.has(mention.object) && !done.has(mention.object)) {
        open.add(mention.object);
        trail.push({ name: mention.object, next: 0 });
      }
    }
  }
}

function checkNumbers(track: FileTrack, path: ConfigPath, problems: Problems): void {
  const { threshold, frequency, timeout } = track;
  const metric = track["metric-threshold"];
  if (metric && metric.up >= metric.down)
    problems.error(
      [...path, "metric-threshold", "up"],
      "not below down (low metrics are good: up 250, down 255)",
    );
  const [where, band] = threshold?.percentage
    ? [[...path, "threshold", "percentage"], threshold.percentage]
    : [[...path, "threshold"], threshold];
  const { up, down } = band ?? {};
  if (up !== undefined && down !== undefined && down >= up)
    problems.error([...where, up === 0 ? "up" : "down"], "down is not below up (up 51, down 50)");
  const weights = Object.values(threshold?.weight ?? {});
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (threshold?.weight && up !== undefined && up > total)
    problems.warning(
      [...where, "up"],
      `the weights add up to ${total}, so this object is never up (at most ${total})`,
    );
  if (timeout !== undefined && millisecondsOf(timeout) > millisecondsOf(frequency))
    problems.error([...path, "timeout"], `longer than the frequency (at most ${frequency})`);
}

const millisecondsOf = (text: string | undefined): number => parseDuration(text ?? "") ?? 0;

/** Names listed in a fault; a router with a thousand objects needs no more. */
const MOST_NAMES = 12;
