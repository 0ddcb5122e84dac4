import type { Command } from "commander";
import type { ClientState, StateDocument, StoredEvent } from "#state/document.ts";
import type { SlaDetail } from "#state/document-sla.ts";
import { diagnoseErrorLayout } from "../ios-layout/diagnose-error.ts";
import { flexvpnClientLayout } from "../ios-layout/flexvpn-client.ts";
import { ikev2SaDetailLayout, ikev2SaLayout } from "../ios-layout/ikev2-sa.ts";
import { ikev2SessionLayout } from "../ios-layout/ikev2-session.ts";
import { ikev2StatsLayout } from "../ios-layout/ikev2-stats.ts";
import { ipsecSaLayout } from "../ios-layout/ipsec-sa.ts";
import { sessionDetailLayout, sessionLayout } from "../ios-layout/session.ts";
import { sessions } from "../show/session.ts";
import { slaStatistics } from "../show/sla.ts";
import type { Surroundings } from "../surroundings.ts";
import { addShown, group, type Show, type Shown } from "./shown.ts";

/** The IOS spellings under `show`, with output in the layout of IOS. */
export function addIosShows(show: Command, surroundings: Surroundings): void {
  const crypto = group(show, [["crypto", "IOS spellings: IKEv2 and IPsec"]]);
  const ikev2 = group(crypto, [["ikev2", "IKEv2 in the layout of IOS"]]);
  const add = (parent: Command, usage: string, description: string, shown: Show) =>
    addShown(parent, usage, description, shown, surroundings);

  const client = group(ikev2, [["client", "clients in the layout of IOS"]]);
  add(client, "flexvpn [client]", "FlexVPN clients, or one", showFlexvpn);
  const sa = add(ikev2, "sa", "IKE security associations", ikeShow(ikev2SaLayout));
  add(sa, "detailed", "with all that is known of each", ikeShow(ikev2SaDetailLayout));
  const session = add(ikev2, "session", "IKE SAs with their Child SAs", showIkev2Session);
  add(session, "detailed", "the same", showIkev2Session);
  add(ikev2, "stats", "counters of IKEv2", showIkev2Stats);
  const diagnose = group(ikev2, [["diagnose", "what failed, in the layout of IOS"]]);
  add(diagnose, "error", "failures by how often they happened", showDiagnoseError);

  const ipsec = group(crypto, [["ipsec", "IPsec in the layout of IOS"]]);
  add(ipsec, "sa", "IPsec security associations with their counters", showIpsecSa);
  const sessionsOf = (layout: typeof sessionLayout): Show => {
    return async (get) => {
      const state = await get<StateDocument>("/api/v1/state");
      const json = sessions(state, (surroundings.now ?? Date.now)());
      return { json, text: layout(json) };
    };
  };
  const all = add(crypto, "session", "sessions", sessionsOf(sessionLayout));
  add(all, "detail", "with capabilities and counters", sessionsOf(sessionDetailLayout));

  const sla = group(show, [
    ["ip", "IOS spellings: IP SLA"],
    ["sla", "IP SLA operations"],
  ]);
  add(sla, "statistics [sla]", "IP SLA operations in the layout of IOS", showSlaStatistics);
}

const showFlexvpn: Show = async (get, { args: [name] }) => {
  if (name === undefined) {
    const json = await get<StateDocument["clients"]>("/api/v1/state/clients");
    return { json, text: flexvpnClientLayout(json) };
  }
  const json = await get<ClientState>(`/api/v1/state/clients/${encodeURIComponent(name)}`);
  return { json, text: flexvpnClientLayout({ [name]: json }) };
};

function ikeShow(layout: (sas: StateDocument["ike"]) => string): Show {
  return async (get): Promise<Shown> => {
    const json = await get<StateDocument["ike"]>("/api/v1/state/ike");
    return { json, text: layout(json) };
  };
}

const showIkev2Session: Show = async (get) => {
  const { ike, ipsec } = await get<StateDocument>("/api/v1/state");
  return { json: { ike, ipsec }, text: ikev2SessionLayout({ ike, ipsec }) };
};

const showIkev2Stats: Show = async (get) => {
  const { ike, system } = await get<StateDocument>("/api/v1/state");
  return { json: { ike, counters: system.ike }, text: ikev2StatsLayout({ ike, system }) };
};

const showDiagnoseError: Show = async (get) => {
  const { ike: counters } = await get<StateDocument["system"]>("/api/v1/state/system");
  const json = await get<readonly StoredEvent[]>(`/api/v1/events?last=${HISTORY}`);
  const events = json.filter(({ mnemonic }) => mnemonic.startsWith("IKEV2-"));
  return { json: { events, counters }, text: diagnoseErrorLayout(events, counters) };
};

const showIpsecSa: Show = async (get) => {
  const state = await get<StateDocument>("/api/v1/state");
  return { json: state.ipsec, text: ipsecSaLayout(state) };
};

const showSlaStatistics: Show = async (get, { args: [name] }) => {
  if (name === undefined) {
    const json = await get<StateDocument["sla"]>("/api/v1/state/sla");
    return { json, text: slaStatistics(json) };
  }
  const json = await get<SlaDetail>(`/api/v1/state/sla/${encodeURIComponent(name)}`);
  return { json, text: slaStatistics({ [name]: json }) };
};

/** As many events as the API gives at once. */
const HISTORY = 10_000;
