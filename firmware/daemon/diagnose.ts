/**
 * Gathers what a diagnosis goes by, at the moment somebody asks: what the engines and the machine show, and a look at the
 * way to each hub. It judges nothing; `state/diagnose` does.
 */
import { readFileSync } from "node:fs";
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { parseIpAddress } from "#lib/ip.ts";
import { readInterfaces } from "#linux/kernel/interfaces.ts";
import { underlayTo } from "#linux/route/underlay.ts";
import { diagnose } from "#state/diagnose/diagnose.ts";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { CaseEvidence, MachineFacts, WayFacts } from "#state/diagnose/evidence.ts";
import type { ClientState, StateDocument } from "#state/document.ts";
import { certificateFacts, clientFacts } from "./client-facts.ts";
import type { Services } from "./services.ts";
import { softwareMade } from "./version.ts";

/** What the daemon itself knows. */
export interface DiagnosisSources {
  readonly services: Services;
  readonly config: ResolvedConfig;
  readonly document: StateDocument;
  /** What the machine lacks. */
  readonly faults: readonly DataPlaneFault[];
}

/** @param name a client of the configuration. */
export async function diagnoseClient(sources: DiagnosisSources, name: string): Promise<Diagnosis> {
  return diagnose(await gather(sources, name));
}

async function gather(
  { services, config, document, faults }: DiagnosisSources,
  name: string,
): Promise<CaseEvidence> {
  const client = config.clients[name];
  const tunnel = client && config.tunnels[client.tunnel];
  const state = document.clients[name];
  if (!client || !tunnel || !state) throw new Error(`no client ${name}`);
  return {
    client: name,
    now: services.clock.wall(),
    document,
    events: services.events.last(EVENTS),
    configuration: clientFacts(client, tunnel),
    machine: machineFacts(faults),
    ways: await wayFacts(state),
    certificates: certificateFacts(client),
    traffic: [],
    heldBack: 0,
  };
}

function machineFacts(faults: readonly DataPlaneFault[]): MachineFacts {
  return {
    clock: { earliest: softwareMade },
    interfaces: readInterfaces().map((each) => ({
      ...each,
      mtu: Number(readText(`/sys/class/net/${each.name}/mtu`)) || 0,
      rivals: [],
    })),
    nameServers: nameServersOf(readText("/etc/resolv.conf")),
    faults: faults.filter(({ code, isNotice }) => !isNotice && code !== KERNEL_SETTING),
    settings: faults.filter(({ code }) => code === KERNEL_SETTING),
    droppingForwardChains: [],
  };
}

/** resolv.conf(5) */
function nameServersOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server = ""]) => server);
}

/** The peers that an address is known of, over the source that is used or tried. */
function wayFacts({ peer, peers, source }: ClientState): Promise<readonly WayFacts[]> {
  const known = peers.map(({ host }) => ({
    host,
    address: peer?.host === host ? peer.address : parseIpAddress(host),
  }));
  return Promise.all(
    known.flatMap(({ host, address }) =>
      address === undefined
        ? []
        : [
            underlayTo(address, source).then((route) => ({
              host,
              address,
              ...(source !== undefined && { source }),
              ...(route && { route }),
              refusals: [],
            })),
          ],
    ),
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const KERNEL_SETTING = "kernel.setting";
/** Enough for a day of a branch that fails over and over. */
const EVENTS = 2_000;
