/**
 * Every mnemonic an event may carry, with its severity and what it means: IOS's where IOS has one, `FLEXSPOKE-n-…`
 * otherwise. The digit is the severity by RFC 5424 §6.2.1; the manual's table of messages is printed from here.
 */
import type { Severity } from "./event.ts";

interface Mnemonic {
  readonly severity: Severity;
  /** One sentence for the manual. */
  readonly meaning: string;
}

const table = {
  "FLEXVPN-6-FLEXVPN_CONNECTION_UP": {
    severity: "informational",
    meaning: "A client has a session with a hub and carries traffic.",
  },
  "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN": {
    severity: "informational",
    meaning: "A client's session with a hub is over; the cause says why.",
  },
  "IKEV2-5-SA_UP": { severity: "notice", meaning: "An IKE SA is authenticated." },
  "IKEV2-5-SA_DOWN": { severity: "notice", meaning: "An IKE SA is gone." },
  "IKEV2-3-NEG_ABORT": {
    severity: "error",
    meaning: "A negotiation with a hub failed; the message says why and what to do.",
  },
  "FLEXSPOKE-6-IKE_REKEYED": {
    severity: "informational",
    meaning: "An IKE SA was replaced by a new one before its lifetime ended.",
  },
  "FLEXSPOKE-6-CHILD_UP": { severity: "informational", meaning: "A further Child SA is up." },
  "FLEXSPOKE-6-CHILD_REKEYED": {
    severity: "informational",
    meaning: "A Child SA was replaced by a new one; no packet is lost by it.",
  },
  "FLEXSPOKE-4-CHILD_EXPIRED": {
    severity: "warning",
    meaning: "A Child SA reached its lifetime before it could be rekeyed.",
  },
  "FLEXSPOKE-4-REKEY_REFUSED": {
    severity: "warning",
    meaning: "The hub refused to rekey; it is asked again.",
  },
  "FLEXSPOKE-6-NAT_DETECTED": {
    severity: "informational",
    meaning: "There is a NAT between the branch and the hub; ESP travels in UDP.",
  },
  "FLEXSPOKE-6-NAT_MAPPING": {
    severity: "informational",
    meaning: "The hub is seen at another address or port than before.",
  },
  "FLEXSPOKE-4-SESSION_PROVISIONAL": {
    severity: "warning",
    meaning:
      "A session was made while the clock could not be trusted; the hub's certificate is judged again when it can.",
  },
  "FLEXSPOKE-6-SESSION_CONFIRMED": {
    severity: "informational",
    meaning:
      "The clock can be trusted now, and a provisional session stays: its certificate is valid.",
  },
  "FLEXSPOKE-6-IKE_FRAGMENTATION": {
    severity: "informational",
    meaning: "A large IKE message travels in fragments of its own.",
  },
  "FLEXSPOKE-6-AUTH_LIFETIME": {
    severity: "informational",
    meaning: "The hub wants a new authentication within the time it names.",
  },
  "FLEXSPOKE-4-BACKUP_GATEWAY_UNUSABLE": {
    severity: "warning",
    meaning: "A hub pushed a backup gateway that is neither an address nor a name; it is left out.",
  },
  "FLEXSPOKE-6-CONFIG_SET": {
    severity: "informational",
    meaning: "The hub sent configuration after the session came up.",
  },
  "CRYPTO-5-SESSION_STATUS": {
    severity: "notice",
    meaning: "The IPsec session of a tunnel came up or went down.",
  },
  "CRYPTO-4-RECVD_PKT_INV_SPI": {
    severity: "warning",
    meaning: "An ESP packet arrived for an SA that does not exist.",
  },
  "CRYPTO-4-PKT_REPLAY_ERR": {
    severity: "warning",
    meaning: "ESP packets were dropped by the replay check.",
  },
  "LINEPROTO-5-UPDOWN": { severity: "notice", meaning: "A tunnel interface went up or down." },
  "LINK-3-UPDOWN": { severity: "error", meaning: "An interface of the machine went up or down." },
  "TRACK-6-STATE": {
    severity: "informational",
    meaning: "A track object changed its state; the message says why.",
  },
  "FLEXSPOKE-5-TRACK_REQUEST": {
    severity: "notice",
    meaning: "Somebody set a stub object up or down.",
  },
  "FLEXSPOKE-5-STARTED": { severity: "notice", meaning: "The daemon runs." },
  "FLEXSPOKE-5-STOPPED": { severity: "notice", meaning: "The daemon was asked to stop." },
  "FLEXSPOKE-4-CLOCK_UNTRUSTED": {
    severity: "warning",
    meaning:
      "The clock of the machine can't be right, or nothing has set it since the machine started.",
  },
  "FLEXSPOKE-5-CLOCK_TRUSTED": {
    severity: "notice",
    meaning: "The clock can be trusted now; provisional sessions are judged again.",
  },
  "FLEXSPOKE-5-CLOCK_SET": {
    severity: "notice",
    meaning: "The clock of the machine was set, by the daemon or by somebody else.",
  },
  "FLEXSPOKE-3-WATCHDOG_RESET": {
    severity: "error",
    meaning:
      "The hardware watchdog restarted the machine, because the daemon or the kernel had hung.",
  },
  "FLEXSPOKE-5-CONFIGURED": {
    severity: "notice",
    meaning: "A configuration was applied; the message lists what changed.",
  },
  "FLEXSPOKE-3-CONFIGURATION_REFUSED": {
    severity: "error",
    meaning: "A new configuration is invalid; the old one stays.",
  },
  "FLEXSPOKE-5-CONFIGURATION_TAKEN_IN": {
    severity: "notice",
    meaning: "A configuration lay on the boot partition: it was moved to the device's own flash.",
  },
  "FLEXSPOKE-3-INTAKE_FAILED": {
    severity: "error",
    meaning: "What lay on the boot partition could not be taken in; the message says why.",
  },
  "FLEXSPOKE-5-CONFIGURATION_ON_TRIAL": {
    severity: "notice",
    meaning:
      "A new configuration took a client down; it is undone unless the client comes up again.",
  },
  "FLEXSPOKE-5-CONFIGURATION_KEPT": {
    severity: "notice",
    meaning:
      "A configuration on trial stays: what was up before is up again, or somebody confirmed it.",
  },
  "FLEXSPOKE-3-CONFIGURATION_UNDONE": {
    severity: "error",
    meaning: "A new configuration cut the branch off, so the one before is in force again.",
  },
  "FLEXSPOKE-5-UPDATE_BEGUN": {
    severity: "notice",
    meaning: "A genuine update for this device is being written to the slot that is not in use.",
  },
  "FLEXSPOKE-6-UPDATE_PROGRESS": {
    severity: "informational",
    meaning: "So much of an update is written, or read back; told a few times, for those far away.",
  },
  "FLEXSPOKE-3-UPDATE_REFUSED": {
    severity: "error",
    meaning:
      "An update was refused or failed; the message says why. The running system is as it was.",
  },
  "FLEXSPOKE-5-UPDATE_READY": {
    severity: "notice",
    meaning: "An update was written and read back; the next start tries it.",
  },
  "FLEXSPOKE-5-UPDATE_ON_TRIAL": {
    severity: "notice",
    meaning: "A new system runs for the first time; it must bring back what was up before.",
  },
  "FLEXSPOKE-5-UPDATE_KEPT": {
    severity: "notice",
    meaning: "A new system stays; the message says what proved it.",
  },
  "FLEXSPOKE-3-UPDATE_GIVEN_UP": {
    severity: "error",
    meaning: "A new system did not prove itself: the device restarts into the one from before.",
  },
  "FLEXSPOKE-3-UPDATE_ROLLED_BACK": {
    severity: "error",
    meaning: "The system from before an update runs again; the message says why.",
  },
  "FLEXSPOKE-4-SLOT_FALLBACK": {
    severity: "warning",
    meaning: "The boot loader could not start the chosen slot and took the other one.",
  },
  "FLEXSPOKE-5-CLIENT_CHANGED": {
    severity: "notice",
    meaning: "A client came, went or changed in the configuration.",
  },
  "FLEXSPOKE-5-CLIENT_REQUEST": {
    severity: "notice",
    meaning: "An operator asked for something of a client.",
  },
  "FLEXSPOKE-6-CONNECTING": {
    severity: "informational",
    meaning: "A client tries an address of a peer.",
  },
  "FLEXSPOKE-4-ATTEMPT_FAILED": {
    severity: "warning",
    meaning: "An attempt failed before IKE could say anything about it.",
  },
  "FLEXSPOKE-4-DATAGRAM_REFUSED": {
    severity: "warning",
    meaning:
      "The kernel of this machine did not take a datagram to a hub; told again after two minutes.",
  },
  "FLEXSPOKE-4-PEER_UNRESOLVED": {
    severity: "warning",
    meaning: "The name of a peer has no usable address.",
  },
  "FLEXSPOKE-5-BACKOFF": {
    severity: "notice",
    meaning: "Every peer was tried; the client waits before the next round.",
  },
  "FLEXSPOKE-4-GAVE_UP": {
    severity: "warning",
    meaning: "Every peer was tried and the client waits for an operator.",
  },
  "FLEXSPOKE-4-SOURCE_UNUSABLE": {
    severity: "warning",
    meaning: "A source interface of a client is missing, down or without address.",
  },
  "FLEXSPOKE-5-SOURCE_USABLE": {
    severity: "notice",
    meaning: "The preferred source interface of a client can be used again.",
  },
  "FLEXSPOKE-4-NO_PEER": {
    severity: "warning",
    meaning:
      "Every peer is held back by its track object or used by another client of the backup group.",
  },
  "FLEXSPOKE-5-TRACK_GATE": {
    severity: "notice",
    meaning: "A client connects or stands down because of the track object of `connect`.",
  },
  "FLEXSPOKE-6-BACKUP_GATEWAYS": {
    severity: "informational",
    meaning: "A hub named backup gateways; they stand behind the configured peers.",
  },
  "FLEXSPOKE-6-STANDBY_READY": {
    severity: "informational",
    meaning: "A session with the next peer is ready to take over.",
  },
  "FLEXSPOKE-4-STANDBY_LOST": {
    severity: "warning",
    meaning: "The session that stood by is gone; another one is looked for.",
  },
  "FLEXSPOKE-5-RETURN": {
    severity: "notice",
    meaning: "A client goes back to a better peer or source, without a gap.",
  },
  "FLEXSPOKE-5-RETURN_FAILED": {
    severity: "notice",
    meaning: "The better peer or source can't be used yet; the client stays where it is.",
  },
  "FLEXSPOKE-3-BACKUP_BROKEN": {
    severity: "error",
    meaning: "A rehearsal found a peer that could not take over if it were needed.",
  },
  "FLEXSPOKE-5-BACKUP_WORKS": {
    severity: "notice",
    meaning: "A rehearsal found that a peer which had not worked works again.",
  },
  "FLEXSPOKE-6-REHEARSED": {
    severity: "informational",
    meaning: "Every peer was tried over every usable source.",
  },
  "FLEXSPOKE-5-REDIRECTED": {
    severity: "notice",
    meaning: "A hub sent the client to another gateway.",
  },
  "FLEXSPOKE-6-SLA_STATE": {
    severity: "informational",
    meaning: "The results of an IP SLA operation mean something else than before.",
  },
  "FLEXSPOKE-3-KERNEL_FAULT": {
    severity: "error",
    meaning: "The kernel refused something that a client needs.",
  },
  "FLEXSPOKE-5-KERNEL_NOTICE": {
    severity: "notice",
    meaning: "The kernel did something in another way than asked.",
  },
  "FLEXSPOKE-4-ROUTE_LEFT_OUT": {
    severity: "warning",
    meaning: "A route that the hub gave was not installed.",
  },
  "DIALER-6-BIND": {
    severity: "informational",
    meaning: "A dialer's line is up; its interface can be used.",
  },
  "DIALER-6-UNBIND": {
    severity: "informational",
    meaning: "A dialer hung up a line that nobody demanded any more.",
  },
  "FLEXSPOKE-6-DIALING": {
    severity: "informational",
    meaning: "A dialer dials; the message says for whom.",
  },
  "FLEXSPOKE-6-DIAL_RELEASED": {
    severity: "informational",
    meaning: "Nobody demands a dialer's line any more; it is hung up after the idle time.",
  },
  "FLEXSPOKE-6-HANGING_UP": {
    severity: "informational",
    meaning: "A dialer's line is being hung up.",
  },
  "FLEXSPOKE-4-DIAL_FAILED": {
    severity: "warning",
    meaning: "A line did not come up; the message says why and what to do.",
  },
  "FLEXSPOKE-4-DIAL_LOST": {
    severity: "warning",
    meaning: "A line that was up went down by itself.",
  },
  "FLEXSPOKE-5-DIAL_BACKOFF": {
    severity: "notice",
    meaning: "A dialer waits before it dials again.",
  },
  "FLEXSPOKE-4-DIAL_KILLED": {
    severity: "warning",
    meaning: "A program of a dialer did not end when asked to and was killed.",
  },
  "FLEXSPOKE-3-DIAL_STUCK": {
    severity: "error",
    meaning:
      "A program of a dialer does not end even when killed; the dialer can't be used until it does.",
  },
  "FLEXSPOKE-4-MODEM_RESET": {
    severity: "warning",
    meaning: "A modem that does not answer is reset.",
  },
  "FLEXSPOKE-5-DIALER_LEFTOVER": {
    severity: "notice",
    meaning: "A line that an earlier process of the daemon had dialled is hung up.",
  },
  "FLEXSPOKE-5-DIALER_CHANGED": {
    severity: "notice",
    meaning: "A dialer changed or went in the configuration.",
  },
  "SEC_LOGIN-5-LOGIN_SUCCESS": {
    severity: "notice",
    meaning: "Somebody logged in to the status page.",
  },
  "SEC_LOGIN-4-LOGIN_FAILED": {
    severity: "warning",
    meaning: "Somebody who wanted to log in to the status page had no right user and password.",
  },
  "FLEXSPOKE-5-PASSWORD_SET": {
    severity: "notice",
    meaning: "A password for the status page was made or set on the device.",
  },
  "SYS-6-LOGGINGHOST_STARTSTOP": {
    severity: "informational",
    meaning: "The log server has accepted the connection.",
  },
  "SYS-3-LOGGINGHOST_FAIL": {
    severity: "error",
    meaning: "The log server can't be reached; log lines wait until it can, the oldest give way.",
  },
  "FLEXSPOKE-6-MQTT_CONNECTED": {
    severity: "informational",
    meaning: "The MQTT broker has accepted the branch.",
  },
  "FLEXSPOKE-4-MQTT_DISCONNECTED": {
    severity: "warning",
    meaning: "There is no connection to the MQTT broker; the message says why and what to do.",
  },
  "FLEXSPOKE-4-MQTT_EVENTS_LOST": {
    severity: "warning",
    meaning:
      "Events for the MQTT broker had no room in the spool; the data says how many and which.",
  },
  "FLEXSPOKE-4-SYSTEM_FAULT": {
    severity: "warning",
    meaning:
      "Links or services of the appliance could not be made as configured; it is tried again every few seconds.",
  },
  "FLEXSPOKE-5-SYSTEM_READY": {
    severity: "notice",
    meaning: "What of the appliance could not be made as configured is so now.",
  },
} as const satisfies Readonly<Record<string, Mnemonic>>;

/** A mnemonic of the table. */
export type MnemonicName = keyof typeof table;

/** The table: what the manual prints. */
export const mnemonics: Readonly<Record<string, Mnemonic>> = table;

/** The severity that belongs to a mnemonic. */
export function severityOf(name: MnemonicName): Severity {
  return table[name].severity;
}
