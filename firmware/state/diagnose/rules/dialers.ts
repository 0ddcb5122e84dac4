/** The dialled line that a client waits for does not come up. */
import type { DialerState } from "../../dialer-state.ts";
import { type Case, eventEvidence } from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "dialled lines";
/** What is no wonder while the line is down. */
const AFTER_LINE = [
  "source-missing",
  "source-down",
  "source-without-address",
  "no-route",
  "no-local-address",
  "source-vanished",
  "hub-silent",
  "name-server-silent",
  "no-name-server",
];
/** Codes that a rule of their own is about; the last rule takes the others. */
const known: string[] = [];

export const dialerRules: readonly Rule[] = [
  {
    code: "dialer-stuck",
    theme,
    consequence: "blocks",
    fault: "A program that dials does not end, even when killed",
    shownBy: "a DIAL_STUCK event and a dialer that has been hanging up since",
    remedy: "Disconnect the modem from power, or start the router anew",
    explains: AFTER_LINE,
    find: (given): Found | undefined => {
      const found = dialerOf(given);
      if (!found || !["hanging-up", "resetting"].includes(found.state.state)) return undefined;
      const stuck = dialEvents(given, found.name).findLast(({ mnemonic }) => mnemonic === STUCK);
      if (!stuck || Date.parse(stuck.time) < Date.parse(found.state.since)) return undefined;
      return {
        certainty: "certain",
        when: "now",
        ...(given.isUp && { consequence: "endangers" }),
        explanation: `The dialer ${found.name} can't be used: the program that dials does not end, even when killed; its driver holds it in the kernel.`,
        remedy:
          "On this branch: disconnect the modem from power and connect it again; if the program still hangs, start the router anew. " +
          "`dmesg` names the driver.",
        evidence: [eventEvidence(stuck), shown(found)],
      };
    },
  },
  line({
    code: "line-authentication-failed",
    fault:
      "The provider refuses the user name, the password or the access point name (PPP, PPPoE, SIM)",
    shownBy: "what pppd or ModemManager says of the attempt",
    remedy: "Compare user name, password and access point name with what the provider gave out",
    codes: ["dial.authentication-failed", "dial.no-password", "dial.peer-not-authenticated"],
    says: (reason, { kind }) =>
      kind === "modem-manager"
        ? `the mobile network refuses this SIM or its access point name: ${reason}`
        : `the provider refuses the login: ${reason}`,
    advice: ({ kind }) =>
      kind === "modem-manager"
        ? "compare `apn` of the dialer with what the provider gave out, and ask whether the SIM is active and paid"
        : "compare the user name (realm and all) and the password with what the provider gave out; ask whether the line is active",
  }),
  line({
    code: "sim-unusable",
    fault: "The SIM is missing or locked",
    shownBy: "what ModemManager says of the modem",
    remedy: "Put a SIM in, or unlock it and switch its PIN off",
    codes: ["dial.sim-locked", "dial.no-sim"],
    says: (reason) => `the SIM can't be used: ${reason}`,
    advice: () => "put the SIM in, or unlock it: `mmcli -i any --pin=… --disable-pin`",
  }),
  line({
    code: "modem-not-registered",
    fault: "The modem finds no mobile network",
    shownBy: "a modem that is not registered",
    remedy: "Look at the reception, the antenna and the account of the SIM",
    codes: ["dial.no-network", "dial.no-carrier"],
    says: (reason) => `the modem is not registered with a network: ${reason}`,
    advice: () =>
      "look at antenna and reception (`mmcli -m any --signal-get`), and whether the SIM's contract covers this place",
  }),
  line({
    code: "modem-missing",
    fault: "The modem is not there, or does not answer",
    shownBy: "no such modem or port, or no answer from it",
    remedy: "Look at the modem, its power and its cable",
    codes: [
      "dial.no-modem",
      "dial.no-port",
      "dial.modem-silent",
      "dial.no-modem-manager",
      "dial.init-script",
      "dial.connect-script",
    ],
    says: (reason) => `the modem can't be used: ${reason}`,
    advice: () =>
      "look at the modem, its power and its cable; `mmcli -L` lists the modems that are known",
  }),
  line({
    code: "line-silent",
    fault: "Nobody answers at the other end of the line (PPPoE discovery, LCP)",
    shownBy: "discovery or LCP without an answer",
    remedy: "Look at the DSL modem and the cable to it; ask the provider",
    codes: ["dial.no-concentrator", "dial.concentrator-refused", "dial.peer-silent"],
    says: (reason) => `nobody at the provider answers on the line: ${reason}`,
    advice: () =>
      "look whether the DSL modem has its line (its lamp) and the cable to it is in; compare a service name, a VLAN; ask the provider",
  }),
  line({
    code: "line-fails",
    fault: "The line can't be dialled for another reason",
    shownBy: "what the program that dials says",
    remedy: "As the finding says",
    codes: undefined,
    says: (reason) => `the line does not come up: ${reason}`,
    advice: () => "`flexspoke show dialer` and the log of the dialer's program say more",
  }),
];

interface Waiting {
  readonly name: string;
  readonly state: DialerState;
}

/** The dialer of the client, while it matters: the client waits for it, or its line is not up though demanded. */
function dialerOf({ evidence, client }: Case): Waiting | undefined {
  const { dialer: name } = evidence.configuration;
  const state = name === undefined ? undefined : evidence.document.dialers[name];
  if (name === undefined || !state || state.state === "connected") return undefined;
  const isDemanded = client.state === "dialing" || state["demanded-by"].length > 0;
  return isDemanded ? { name, state } : undefined;
}

function line(given: {
  readonly code: string;
  readonly fault: string;
  readonly shownBy: string;
  readonly remedy: string;
  /** Codes of the failure; undefined for every other one. */
  readonly codes: readonly string[] | undefined;
  readonly says: (reason: string, dialer: DialerState) => string;
  readonly advice: (dialer: DialerState) => string;
}): Rule {
  const { code, fault, shownBy, remedy, codes, says, advice } = given;
  if (codes) known.push(...codes);
  return {
    code,
    theme,
    consequence: "blocks",
    fault,
    shownBy,
    remedy,
    explains: AFTER_LINE,
    find: (of): Found | undefined => {
      const found = dialerOf(of);
      const failure = found?.state["last-failure"];
      if (!found || !failure || found.state["failures-in-a-row"] === 0) return undefined;
      const failureCode = failure.code ?? "dial.failed";
      if (!(codes?.includes(failureCode) ?? !known.includes(failureCode))) return undefined;
      const event = dialEvents(of, found.name).findLast(({ mnemonic }) => mnemonic === FAILED);
      return {
        certainty: "certain",
        when: "now",
        ...(of.isUp && { consequence: "endangers" }),
        explanation: `The dialer ${found.name} has no line; ${says(failure.reason, found.state)}.`,
        remedy: `On this branch: ${advice(found.state)}. It dials again by itself.`,
        evidence: [...(event ? [eventEvidence(event)] : []), shown(found)],
      };
    },
  };
}

function dialEvents({ evidence }: Case, dialer: string) {
  return evidence.events.filter(({ data }) => data["dialer"] === dialer);
}

function shown({ name, state }: Waiting): Evidence {
  const failures = state["failures-in-a-row"];
  return {
    kind: "dialer",
    text: `dialer ${name} (${state.kind}): ${state.state}, ${failures} failed ${failures === 1 ? "attempt" : "attempts"} in a row`,
  };
}

const STUCK = "FLEXSPOKE-3-DIAL_STUCK";
const FAILED = "FLEXSPOKE-4-DIAL_FAILED";
