/** IOS: show track, show track brief. What IOS has no place for (why the state is so) stands on lines of its own. */
import { returnCodeText } from "#sla/return-code.ts";
import type { TrackObjectState } from "#state/document-track.ts";
import { printable, shortDuration } from "../table.ts";

type Tracks = Readonly<Record<string, TrackObjectState>>;
type TrackState = TrackObjectState["state"];

/** Every object with all that is known of it, in the layout of IOS. */
export function trackLayout(tracks: Tracks): string {
  return Object.entries(tracks)
    .map(([name, track]) => trackDetail(name, track))
    .join("");
}

/** One object. */
export function trackDetail(name: string, track: TrackObjectState): string {
  const { changes, age, delay } = track;
  const lines = [
    `Track ${name}`,
    `  ${definition(track)}`,
    `  ${subject(track)} is ${word(track.state)} (${track.reason})${pending(track)}`,
    `    ${counted(changes, "change")}, last change ${changes === 0 ? "never" : shortDuration(age)}`,
    ...(delay ? [`  Delay up ${seconds(delay.up)}, down ${seconds(delay.down)}`] : []),
    ...(track.threshold ? [`  ${threshold(track)}`] : []),
    ...result(track),
    ...(track.members ?? []).map(member),
    ...(track["last-cause"] === undefined ? [] : [`  Last cause ${track["last-cause"]}`]),
    ...(track["tracked-by"].length > 0 ? ["  Tracked by:"] : []),
    ...track["tracked-by"].map((follower) => `    ${follower}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** One object a line, in the columns of IOS. Columns are wider where a name is. */
export function trackBrief(tracks: Tracks): string {
  const rows = Object.entries(tracks).map(([name, track]) => [
    name,
    track.type,
    track.instance ?? "",
    track.parameter ?? "",
    word(track.state),
    shortDuration(track.age),
  ]);
  const titles = ["Track", "Type", "Instance", "Parameter", "State", "Last Change"];
  const widths = [5, 11, 26, 16, 5, 0].map((least, index) =>
    Math.max(least, ...rows.map((row) => printable(row[index] ?? "").length)),
  );
  return [titles, ...rows]
    .map((row) => row.map((cell, index) => printable(cell).padEnd(widths[index] ?? 0)).join(" "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** How many objects of each type there are, and how many follow them. IOS: show track summary */
export function trackSummary(tracks: Tracks): string {
  const all = Object.values(tracks);
  const types = [...new Set(all.map(({ type }) => type))];
  const count = (some: readonly TrackObjectState[]) => [
    String(some.length),
    String(some.reduce((sum, track) => sum + track["tracked-by"].length, 0)),
  ];
  const rows = [
    ["Object type", "Objects", "Clients"],
    ...types.map((type) => [type, ...count(all.filter((track) => track.type === type))]),
    ["Total", ...count(all)],
  ];
  return rows
    .map(
      ([type = "", objects = "", clients = ""]) =>
        `${type.padEnd(24)}${objects.padEnd(12)}${clients}`,
    )
    .map((line) => `${printable(line)}\n`)
    .join("");
}

function definition(track: TrackObjectState): string {
  const { type, instance = "", parameter = "" } = track;
  const words: Readonly<Record<string, string>> = {
    interface: "Interface",
    "ip route": "IP route",
    "ipv6 route": "IPv6 route",
    "ip sla": "IP SLA",
    list: "List",
    "stub-object": "Stub-object",
    script: "Script",
  };
  const shown = [words[type] ?? type, instance, parameterOf(track)].filter((text) => text !== "");
  return track.expression === undefined || parameter !== "boolean"
    ? shown.join(" ")
    : `${shown.join(" ")} (${track.expression})`;
}

/** `ip routing` is `ipv6 routing`'s twin; a boolean list of one operator names it as IOS does. */
function parameterOf({ parameter = "", expression }: TrackObjectState): string {
  const operator = expression === undefined ? undefined : onlyOperator(expression);
  return operator === undefined ? parameter : `${parameter} ${operator}`;
}

/** What is up or down, in the words of IOS. Lists, stub objects and scripts unconfirmed, see reference/flexvpn-client.md 6.9. */
function subject(track: TrackObjectState): string {
  const { parameter = "", type, expression } = track;
  if (expression !== undefined)
    return `Boolean ${onlyOperator(expression)?.toUpperCase() ?? "expression"}`;
  const words: Readonly<Record<string, string>> = {
    "line-protocol": "Line protocol",
    "ip routing": "IP routing",
    "ipv6 routing": "IPv6 routing",
    reachability: "Reachability",
    "metric threshold": "Metric threshold",
    state: "State",
    "threshold weight": "Threshold weight",
    "threshold percentage": "Threshold percentage",
  };
  return words[parameter] ?? (type === "script" ? "Exit status" : "State");
}

function onlyOperator(expression: string): "and" | "or" | undefined {
  const words: readonly string[] = expression.toLowerCase().match(/[a-z0-9][a-z0-9._-]*/g) ?? [];
  const [and, or] = [words.includes("and"), words.includes("or")];
  if (and === or) return undefined;
  return and ? "and" : "or";
}

function pending({ pending: change }: TrackObjectState): string {
  if (!change) return "";
  return `, delayed ${word(change.state)} (${counted(change.in, "sec")} remaining) (${change.reason})`;
}

function threshold({ threshold: band, parameter = "" }: TrackObjectState): string {
  const { up = 0, down = 0 } = band ?? {};
  return parameter === "metric threshold"
    ? `Metric threshold down ${down} up ${up}`
    : `Threshold up ${up} down ${down}`;
}

/** IOS prints the return code in the place of a round-trip time that there is not. */
function result(track: TrackObjectState): readonly string[] {
  const code = track["return-code"];
  if (code === undefined) return [];
  const rtt = track["latest-rtt"];
  return [
    `  Latest operation return code: ${returnCodeText[code]}`,
    `  Latest RTT (millisecs) ${rtt === undefined ? returnCodeText[code] : Math.round(rtt)}`,
  ];
}

function member({
  object,
  state,
  weight,
}: NonNullable<TrackObjectState["members"]>[number]): string {
  return `    object ${object}${weight === undefined ? "" : ` weight ${weight}`} ${word(state)}`;
}

const word = (state: TrackState): string => (state === "up" ? "Up" : "Down");
const counted = (count: number, unit: string): string =>
  `${count} ${unit}${count === 1 ? "" : "s"}`;
/** Whole seconds as IOS has them, fractions as they are. */
const seconds = (value: number): string => counted(value, "sec");
