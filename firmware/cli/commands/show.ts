import { type Command, InvalidArgumentError } from "commander";
import type { DialerState } from "#state/dialer-state.ts";
import type { ClientState, StateDocument, StoredEvent } from "#state/document.ts";
import type { SlaDetail } from "#state/document-sla.ts";
import type { TrackObjectState } from "#state/document-track.ts";
import { call } from "../control-socket.ts";
import { clientDetail, clientTable } from "../show/client.ts";
import { dialerDetail, dialerTable } from "../show/dialer.ts";
import { eventLines } from "../show/events.ts";
import { ikeDetail, ikeTable } from "../show/ike.ts";
import { ipsecTable } from "../show/ipsec.ts";
import { routeTable } from "../show/route.ts";
import { sessionLayout, sessions } from "../show/session.ts";
import { slaDetail, slaStatistics, slaTable } from "../show/sla.ts";
import { stats, statsList } from "../show/stats.ts";
import { trackBrief, trackDetail, trackLayout } from "../show/track.ts";
import { tunnelTable } from "../show/tunnel.ts";
import { version, versionList } from "../show/version.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";

/** What there is to show: once as data for `--json`, once as text. */
interface Shown {
  readonly json: unknown;
  readonly text: string;
}

type Get = <Answer>(path: string) => Promise<Answer>;

/** `flexspoke show …`. Every one of them takes `--json`. */
export function addShowCommands(program: Command, surroundings: Surroundings): void {
  const show = program.command("show").description("show state, counters and history");
  const add = (
    usage: string,
    description: string,
    shown: (get: Get, command: Command) => Promise<Shown>,
    parent = show,
  ) =>
    parent
      .command(usage)
      .description(description)
      .option("--json", "print one JSON document")
      .action(async (...received: unknown[]) => {
        const command = received.at(-1) as Command;
        const options = command.optsWithGlobals<FolderOptions & { json?: boolean }>();
        const folder = runDir(options, surroundings);
        const { json, text } = await shown((path) => call(folder, "GET", path), command);
        surroundings.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : text);
      });

  add("client [name]", "clients, or all about one", showClient);
  add("ike", "IKE security associations", showIke).option("--detail", "all about each");
  add("ipsec", "IPsec security associations and their counters", async (get) => {
    const json = await get<StateDocument["ipsec"]>("/api/v1/state/ipsec");
    return { json, text: ipsecTable(json) };
  });
  add("session", "clients with their security associations", async (get) => {
    const json = sessions(await get("/api/v1/state"));
    return { json, text: sessionLayout(json) };
  });
  add("track [name]", "track objects, all about one, or `brief`", showTrack);
  add("tunnel", "tunnel interfaces", async (get) => {
    const json = await get<StateDocument["tunnels"]>("/api/v1/state/tunnels");
    return { json, text: tunnelTable(json) };
  });
  add("dialer [name]", "dialers, or all about one", showDialer);
  add("route", "routes of the daemon", async (get) => {
    const json = await get<StateDocument["routes"]>("/api/v1/state/routes");
    return { json, text: routeTable(json) };
  });
  add("sla [name]", "IP SLA operations, or all about one", showSla);
  add(
    "statistics [name]",
    "IP SLA operations in the layout of IOS",
    showSlaStatistics,
    show.command("ip").description("IOS spellings").command("sla").description("IP SLA operations"),
  );
  add("events", "what happened, oldest first", showEvents).option(
    "--last <n>",
    "how many of the newest events",
    wholeNumber,
    20,
  );
  add("stats", "counters", async (get) => {
    const json = stats(await get("/api/v1/state"));
    return { json, text: statsList(json) };
  });
  add("version", "what runs, where, since when", async (get) => {
    const json = version(await get("/api/v1/state"));
    return { json, text: versionList(json) };
  });
}

async function showClient(get: Get, command: Command): Promise<Shown> {
  const [name] = command.args;
  if (name !== undefined) {
    const json = await get<ClientState>(`/api/v1/state/clients/${encodeURIComponent(name)}`);
    return { json, text: clientDetail(name, json) };
  }
  const json = await get<StateDocument["clients"]>("/api/v1/state/clients");
  return { json, text: clientTable(json) };
}

/** IOS has `show track brief`; an object of that name is in what `show track` prints. */
async function showTrack(get: Get, command: Command): Promise<Shown> {
  const [name] = command.args;
  if (name !== undefined && name !== "brief") {
    const json = await get<TrackObjectState>(`/api/v1/state/track/${encodeURIComponent(name)}`);
    return { json, text: trackDetail(name, json) };
  }
  const json = await get<StateDocument["track"]>("/api/v1/state/track");
  return { json, text: name === "brief" ? trackBrief(json) : trackLayout(json) };
}

async function showSla(get: Get, command: Command): Promise<Shown> {
  const [name] = command.args;
  if (name !== undefined) {
    const json = await get<SlaDetail>(`/api/v1/state/sla/${encodeURIComponent(name)}`);
    return { json, text: slaDetail(name, json) };
  }
  const json = await get<StateDocument["sla"]>("/api/v1/state/sla");
  return { json, text: slaTable(json) };
}

async function showSlaStatistics(get: Get, command: Command): Promise<Shown> {
  const [name] = command.args;
  if (name === undefined) {
    const json = await get<StateDocument["sla"]>("/api/v1/state/sla");
    return { json, text: slaStatistics(json) };
  }
  const json = await get<SlaDetail>(`/api/v1/state/sla/${encodeURIComponent(name)}`);
  return { json, text: slaStatistics({ [name]: json }) };
}

async function showDialer(get: Get, command: Command): Promise<Shown> {
  const [name] = command.args;
  if (name !== undefined) {
    const json = await get<DialerState>(`/api/v1/state/dialers/${encodeURIComponent(name)}`);
    return { json, text: dialerDetail(name, json) };
  }
  const json = await get<StateDocument["dialers"]>("/api/v1/state/dialers");
  return { json, text: dialerTable(json) };
}

async function showIke(get: Get, command: Command): Promise<Shown> {
  const json = await get<StateDocument["ike"]>("/api/v1/state/ike");
  const { detail } = command.opts<{ detail?: boolean }>();
  return { json, text: detail ? ikeDetail(json) : ikeTable(json) };
}

async function showEvents(get: Get, command: Command): Promise<Shown> {
  const { last } = command.opts<{ last: number }>();
  const json = await get<readonly StoredEvent[]>(`/api/v1/events?last=${last}`);
  return { json, text: eventLines(json) };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 10_000)
    throw new InvalidArgumentError("It must be a whole number from 1 to 10000.");
  return Number(text);
}
