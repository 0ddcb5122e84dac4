import { type Command, InvalidArgumentError } from "commander";
import type { DialerState } from "#state/dialer-state.ts";
import type { ClientState, StateDocument, StoredEvent } from "#state/document.ts";
import type { SlaDetail } from "#state/document-sla.ts";
import { sessionDetailLayout } from "../ios-layout/session.ts";
import { clientDetail, clientTable } from "../show/client.ts";
import { dialerDetail, dialerTable } from "../show/dialer.ts";
import { faults, faultTable } from "../show/errors.ts";
import { eventLines } from "../show/events.ts";
import { ikeDetail, ikeTable } from "../show/ike.ts";
import { ipsecTable } from "../show/ipsec.ts";
import { routeTable } from "../show/route.ts";
import { sessions } from "../show/session.ts";
import { slaDetail, slaTable } from "../show/sla.ts";
import { stats, statsList } from "../show/stats.ts";
import { trackBrief, trackDetail, trackLayout, trackSummary } from "../show/track.ts";
import { tunnelTable } from "../show/tunnel.ts";
import { version, versionList } from "../show/version.ts";
import type { Surroundings } from "../surroundings.ts";
import { addIosShows } from "./show-ios.ts";
import { addShown, type Show } from "./shown.ts";

/** `flexspoke show …`. Every one of them takes `--json`. */
export function addShowCommands(program: Command, surroundings: Surroundings): void {
  const show = program.command("show").description("show state, counters and history");
  const add = (usage: string, description: string, shown: Show) =>
    addShown(show, usage, description, shown, surroundings);

  add("client [client]", "clients, or all about one", showClient);
  add("ike", "IKE security associations", showIke).option("--detail", "all about each");
  add("ipsec", "IPsec security associations and their counters", async (get, _, page) => {
    const json = await get<StateDocument["ipsec"]>("/api/v1/state/ipsec");
    return { json, text: ipsecTable(json, page) };
  });
  add("session", "clients with their security associations", async (get) => {
    const json = sessions(await get("/api/v1/state"), (surroundings.now ?? Date.now)());
    return { json, text: sessionDetailLayout(json) };
  });
  add("track [track]", "track objects, all about one, `brief` or `summary`", showTrack);
  add("tunnel", "tunnel interfaces", async (get, _, page) => {
    const json = await get<StateDocument["tunnels"]>("/api/v1/state/tunnels");
    return { json, text: tunnelTable(json, page) };
  });
  add("dialer [dialer]", "dialers, or all about one", showDialer);
  add("route", "routes of the daemon", async (get, _, page) => {
    const json = await get<StateDocument["routes"]>("/api/v1/state/routes");
    return { json, text: routeTable(json, page) };
  });
  add("sla [sla]", "IP SLA operations, or all about one", showSla);
  add("events", "what happened, oldest first", showEvents).option(
    "--last <n>",
    "how many of the newest events",
    wholeNumber,
    20,
  );
  add("errors", "what failed, each fault once, the latest last", async (get, _, page) => {
    const events = await get<readonly StoredEvent[]>("/api/v1/events?last=10000");
    const json = faults(events);
    return { json, text: json.length > 0 ? faultTable(json, page) : "no errors in the history\n" };
  });
  add("stats", "counters", async (get) => {
    const json = stats(await get("/api/v1/state"));
    return { json, text: statsList(json) };
  });
  add("version", "what runs, where, since when", async (get) => {
    const json = version(await get("/api/v1/state"));
    return { json, text: versionList(json) };
  });
  addIosShows(show, surroundings);
}

const showClient: Show = async (get, { args: [name] }, page) => {
  if (name !== undefined) {
    const json = await get<ClientState>(`/api/v1/state/clients/${encodeURIComponent(name)}`);
    return { json, text: clientDetail(name, json, page) };
  }
  const json = await get<StateDocument["clients"]>("/api/v1/state/clients");
  return { json, text: clientTable(json, page) };
};

/** IOS has `show track brief` and `summary`; an object with a name that reads so is in what `show track` prints. */
const showTrack: Show = async (get, { args: [name] }) => {
  const json = await get<StateDocument["track"]>("/api/v1/state/track");
  if (name === undefined) return { json, text: trackLayout(json) };
  const isObject = Object.hasOwn(json, name);
  if (name === "brief" || (!isObject && "brief".startsWith(name)))
    return { json, text: trackBrief(json) };
  if (name === "summary" || (!isObject && "summary".startsWith(name)))
    return { json, text: trackSummary(json) };
  const object = await get<StateDocument["track"][string]>(
    `/api/v1/state/track/${encodeURIComponent(name)}`,
  );
  return { json: object, text: trackDetail(name, object) };
};

const showSla: Show = async (get, { args: [name] }, page) => {
  if (name !== undefined) {
    const json = await get<SlaDetail>(`/api/v1/state/sla/${encodeURIComponent(name)}`);
    return { json, text: slaDetail(name, json, page) };
  }
  const json = await get<StateDocument["sla"]>("/api/v1/state/sla");
  return { json, text: slaTable(json, page) };
};

const showDialer: Show = async (get, { args: [name] }, page) => {
  if (name !== undefined) {
    const json = await get<DialerState>(`/api/v1/state/dialers/${encodeURIComponent(name)}`);
    return { json, text: dialerDetail(name, json) };
  }
  const json = await get<StateDocument["dialers"]>("/api/v1/state/dialers");
  return { json, text: dialerTable(json, page) };
};

const showIke: Show = async (get, command, page) => {
  const json = await get<StateDocument["ike"]>("/api/v1/state/ike");
  const { detail } = command.opts<{ detail?: boolean }>();
  return { json, text: detail ? ikeDetail(json) : ikeTable(json, page) };
};

const showEvents: Show = async (get, command) => {
  const { last } = command.opts<{ last: number }>();
  const json = await get<readonly StoredEvent[]>(`/api/v1/events?last=${last}`);
  return { json, text: eventLines(json) };
};

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 10_000)
    throw new InvalidArgumentError("It must be a whole number from 1 to 10000.");
  return Number(text);
}
