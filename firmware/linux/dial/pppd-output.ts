/**
 * What pppd says of itself, in its log lines and its exit status, in plain words. Pure. The lines are those of pppd 2.4.9;
 * another version that words them otherwise only costs detail: the exit status says the rest.
 * Source: pppd(8), EXIT STATUS
 */
import type { LineEnd, LineFacts } from "#dial/line.ts";

/** Reads the lines of one run of pppd. */
export class PppdOutput {
  readonly #interface: string;
  readonly #addresses: string[] = [];
  readonly #dns: string[] = [];
  #cause: LineEnd | undefined;
  #lastComplaint: string | undefined;

  /** @param interfaceName the name it was told to give its interface. */
  constructor(interfaceName: string) {
    this.#interface = interfaceName;
  }

  /** Name servers that the provider gave so far. */
  get dns(): readonly string[] {
    return this.#dns;
  }

  /** @returns what is known of the line when this line of the log says that it is up, or more of it than before. */
  read(line: string): LineFacts | undefined {
    this.#noteCause(line);
    // A link-local address alone takes no packet anywhere: the line is not up by it.
    const own = /^local {2}IP address (\S+)/.exec(line)?.[1];
    const server = /^(?:primary {3}|secondary )DNS address (\S+)/.exec(line)?.[1];
    if (own !== undefined) this.#addresses.push(own);
    if (server !== undefined && !this.#dns.includes(server)) this.#dns.push(server);
    if (this.#addresses.length === 0 || (own ?? server) === undefined) return undefined;
    return {
      interface: this.#interface,
      addresses: [...this.#addresses],
      ...(this.#dns.length > 0 ? { dns: [...this.#dns] } : {}),
    };
  }

  /** Why it ended. @param status its exit status; undefined when a signal ended it. */
  end(status: number | undefined, signal: string | undefined): LineEnd {
    if (status === undefined)
      return this.#cause ?? { code: "dial.terminated", message: `pppd was ended by ${signal}` };
    // Asked to end, it is not to blame; but what made it slow to come up is worth telling.
    const known = STATUS[status] ?? {
      code: "dial.failed",
      message: `pppd ended with status ${status}`,
      remedy: "see the system log",
    };
    if (this.#cause) return { ...known, ...this.#cause };
    const complaint = status <= 2 && status > 0 ? this.#lastComplaint : undefined;
    return complaint === undefined ? known : { ...known, message: `pppd: ${complaint}` };
  }

  #noteCause(line: string): void {
    const found = CAUSES.find(({ text }) => text.test(line));
    if (found) this.#cause = found.end;
    else if (!INFORMATION.test(line)) this.#lastComplaint = line;
  }
}

const credentials = "correct user name and password, or ask the provider";
const modem = "look at the modem, its power and its cable";

/** Lines that say more than the exit status does. */
const CAUSES: readonly { readonly text: RegExp; readonly end: LineEnd }[] = [
  {
    text: /(CHAP|PAP|EAP) authentication failed/,
    end: {
      code: "dial.authentication-failed",
      message: "authentication failed: the provider refused user name or password",
      remedy: credentials,
      isModemFault: false,
    },
  },
  {
    text: /No (CHAP|PAP) secret found/,
    end: {
      code: "dial.no-password",
      message: "no password for this user is in /etc/ppp/chap-secrets or /etc/ppp/pap-secrets",
      remedy: "put it there",
      isModemFault: false,
    },
  },
  {
    text: /NO ?DIAL ?TONE/,
    end: {
      code: "dial.no-dial-tone",
      message: "no dial tone",
      remedy: "look at the cable to the socket",
    },
  },
  {
    text: /\bBUSY\b/,
    end: { code: "dial.busy", message: "the number is busy", isModemFault: false },
  },
  {
    text: /NO ANSWER/,
    end: {
      code: "dial.no-answer",
      message: "nobody answers the call",
      remedy: "compare the number",
    },
  },
  {
    text: /NO CARRIER/,
    end: {
      code: "dial.no-carrier",
      message: "no carrier: the modems did not find each other, or there is no reception",
      remedy: "look at the line, or at the reception",
    },
  },
  {
    text: /Timeout waiting for PAD[OS] packets/,
    end: {
      code: "dial.no-concentrator",
      message: "no access concentrator answers PPPoE discovery",
      remedy: "look at the DSL modem and the cable to it",
    },
  },
  {
    text: /PAD[OS]: \S+-Error/,
    end: {
      code: "dial.concentrator-refused",
      message: "the access concentrator refused the PPPoE session",
      remedy: "compare the service name, or ask the provider",
    },
  },
  {
    text: /LCP: timeout sending Config-Requests/,
    end: {
      code: "dial.peer-silent",
      message: "the peer does not answer: LCP had no reply",
      remedy: "look at the line; the far end may not speak PPP yet",
      isModemFault: true,
    },
  },
  {
    text: /No response to \d+ echo-requests|Serial link appears to be disconnected/,
    end: {
      code: "dial.peer-not-responding",
      message: "the peer does not respond any more: echo requests had no reply",
    },
  },
  {
    text: /LCP terminated by peer/,
    end: { code: "dial.ended-by-peer", message: "the peer ended the connection" },
  },
  {
    text: /Could not determine (remote|local) IP address|IPCP: timeout|peer refused our IP address/i,
    end: {
      code: "dial.no-address",
      message: "no IP address was agreed on with the peer",
      remedy: "ask the provider",
    },
  },
  {
    text: /Couldn't (set|rename) interface|Couldn't rename/,
    end: {
      code: "dial.interface-taken",
      message: "another interface has the name of this dialer's interface",
      remedy: "remove it, or give this dialer another interface",
      isModemFault: false,
    },
  },
];

/** Lines that are no complaint. */
const INFORMATION =
  /^(using|connect:|renamed|plugin|pppd |serial connection|send |expect |abort|connection terminated|modem hangup|exit\.|sent \d|connect time|pppoe|connected to|timeout on|terminating on)/i;

/** pppd(8), EXIT STATUS */
const STATUS: Readonly<Record<number, LineEnd>> = {
  0: { code: "dial.ended-by-peer", message: "the peer ended the connection" },
  1: {
    code: "dial.failed",
    message: "pppd met a fatal error",
    remedy: "see the system log",
  },
  2: {
    code: "dial.options",
    message: "pppd does not accept its options",
    remedy: "correct the peers file; `pppd call NAME dryrun` says more",
    isModemFault: false,
  },
  3: {
    code: "dial.permission",
    message: "pppd must run as root",
    remedy: "run the daemon as root",
    isModemFault: false,
  },
  4: {
    code: "dial.kernel-without-ppp",
    message: "the kernel does not support PPP",
    remedy: "load the kernel modules ppp_async and pppoe (OpenWrt: kmod-ppp, kmod-pppoe)",
    isModemFault: false,
  },
  5: { code: "dial.terminated", message: "hung up" },
  6: {
    code: "dial.port-locked",
    message: "the serial port is in use by another program",
    remedy: "end that program, or remove its stale file in /var/lock",
    isModemFault: false,
  },
  7: {
    code: "dial.no-port",
    message: "the serial port could not be opened",
    remedy: modem,
    isModemFault: true,
  },
  8: {
    code: "dial.connect-script",
    message: "the modem did not answer the connect script, or did not reach the number",
    remedy: `${modem}; chat -s in the script says more`,
    isModemFault: true,
  },
  9: {
    code: "dial.options",
    message: "the command of the option pty could not be run",
    remedy: "correct the peers file",
    isModemFault: false,
  },
  10: {
    code: "dial.negotiation-failed",
    message: "the PPP negotiation failed",
    remedy: "compare the options of the peers file with what the provider asks for",
  },
  11: {
    code: "dial.peer-not-authenticated",
    message: "the peer would not authenticate itself",
    remedy: "put noauth into the peers file",
    isModemFault: false,
  },
  12: { code: "dial.idle", message: "pppd ended the connection because it was idle" },
  13: { code: "dial.time-limit", message: "pppd ended the connection at its time limit" },
  14: {
    code: "dial.callback",
    message: "the peer calls back",
    remedy: "callback is not supported",
  },
  15: {
    code: "dial.peer-not-responding",
    message: "the peer does not respond any more: echo requests had no reply",
  },
  16: { code: "dial.modem-hang-up", message: "the modem or the far end hung up" },
  17: { code: "dial.loopback", message: "the serial line is looped back", remedy: modem },
  18: {
    code: "dial.init-script",
    message: "the init script failed",
    remedy: modem,
    isModemFault: true,
  },
  19: {
    code: "dial.authentication-failed",
    message: "authentication failed: the provider refused user name or password",
    remedy: credentials,
    isModemFault: false,
  },
};
