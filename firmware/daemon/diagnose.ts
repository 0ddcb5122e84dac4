/**
 * Gathers what a diagnosis goes by, at the moment somebody asks: what the engines and the machine show, and a look at the
 * way to each hub. It judges nothing; `state/diagnose` does.
 */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { diagnose } from "#state/diagnose/diagnose.ts";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { CaseEvidence } from "#state/diagnose/evidence.ts";
import type { StateDocument } from "#state/document.ts";
import { certificateFacts, clientFacts } from "./client-facts.ts";
import { machineFacts } from "./machine-facts.ts";
import type { Services } from "./services.ts";
import { watchTraffic } from "./traffic-facts.ts";
import { wayFacts } from "./way-facts.ts";

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
  const traffic = watchTraffic(services, document, name);
  const [ways, machine] = await Promise.all([
    wayFacts(state),
    machineFacts(faults, client, tunnel.name),
  ]);
  return {
    client: name,
    now: services.clock.wall(),
    document,
    events: services.events.last(EVENTS),
    configuration: clientFacts(client, tunnel),
    machine,
    ways,
    certificates: certificateFacts(client),
    traffic: traffic(),
  };
}

/** Enough for a day of a branch that fails over and over. */
const EVENTS = 2_000;
