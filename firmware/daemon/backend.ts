/** What the local API shows and may ask for, on top of the engines. */
import type {
  ActionOutcome,
  Backend,
  ClientAction,
  ConfigurationChange,
  ConfigurationOutcome,
} from "#api/backend.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import { surveyKernel } from "#linux/survey.ts";
import { buildSlaHistory } from "#state/build-sla.ts";
import type { StateDocument } from "#state/document.ts";
import { clientSubject, type EventDraft } from "#state/event.ts";
import { formatTime } from "#state/event-log.ts";
import { severityOf } from "#state/mnemonics.ts";
import type { DebugTap } from "./debug-tap.ts";
import type { Recorder } from "./recorder.ts";
import type { Services } from "./services.ts";
import { setTrack } from "./set-track.ts";
import { version } from "./version.ts";

/**
 * @param document makes the state document of this moment.
 * @param diagnose looks at what is wrong with a client.
 * @param tap shows what happens while it happens.
 * @param recorder has what happened.
 */
export function createBackend(
  services: Services,
  document: () => StateDocument,
  diagnose: Backend["diagnose"],
  tap: DebugTap,
  recorder: Recorder,
): Backend {
  const { events } = services;
  return {
    document,
    diagnose,
    events: (last) => events.last(last),
    subscribe: (listener, fromId) => events.subscribe(listener, fromId),
    survey: surveyKernel,
    debug: (condition, listener) => tap.listen(condition, listener),
    act: (client, action, by) => act(services, client, action, by),
    slaHistory: (name) => {
      const history = services.sla.history(name);
      return history && buildSlaHistory(history, (instant) => services.calendar.at(instant));
    },
    recording: () =>
      recorder.text({ version, started: formatTime(services.calendar.at(0 as MonotonicMs)) }),
    updates: services.updates,
    configure: (change, by) => configure(services, change, by),
    setTrack: (object, state, by) => setTrack(services, object, state, by),
  };
}

function configure(
  { guard }: Services,
  change: ConfigurationChange,
  by: string,
): ConfigurationOutcome {
  switch (change.kind) {
    case "reload":
      return guard.reload(by);
    case "commit":
      return guard.commit(change.text, change.within, by);
    case "confirm":
      return guard.confirm(by);
  }
}

function act(services: Services, client: string, action: ClientAction, by: string): ActionOutcome {
  const { events, flexvpn } = services;
  if (action.kind === "switch") {
    const view = flexvpn.views().find(({ name }) => name === client);
    if (!view?.standby?.isReady)
      return {
        kind: "refused",
        code: "client.no-standby",
        reason: `nothing stands by for client ${client}: \`standby: hot\` in its configuration keeps a session ready`,
      };
  }
  if (action.kind !== "rekey") {
    const before = events.lastId;
    if (action.kind === "disconnect") services.giveGuard({ kind: "released", client });
    services.giveFlexvpn({ kind: action.kind, client, by });
    return { kind: "accepted", event: events.after(before)[0]?.id ?? before };
  }
  const view = flexvpn.views().find(({ name }) => name === client);
  if (view?.status !== "up" || view.session === undefined) {
    return {
      kind: "refused",
      code: "client.not-up",
      reason: `client ${client} is ${view?.status ?? "unknown"}, there is nothing to rekey: ${view?.reason ?? "connect it first"}`,
    };
  }
  const event = events.record(asked(client, `rekey ${action.what}`, by));
  services.giveIke({ kind: `rekey-${action.what}`, session: view.session });
  return { kind: "accepted", event: event?.id ?? events.lastId };
}

function asked(client: string, what: string, by: string): EventDraft {
  return {
    severity: severityOf("FLEXSPOKE-5-CLIENT_REQUEST"),
    mnemonic: "FLEXSPOKE-5-CLIENT_REQUEST",
    client,
    message: `${what} asked for by ${by}`,
    data: { action: what, by },
    subjects: [clientSubject(client)],
  };
}
