/** Two weeks of a branch in a few events, worded as the engines word them: an outage, a failover, the way back. */
import type { StoredEvent } from "#state/document.ts";

interface Told {
  readonly client?: string;
  readonly peer?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const severities: Readonly<Record<string, string>> = {
  "3": "error",
  "4": "warning",
  "5": "notice",
  "6": "informational",
};

/** @param end when the last of them happened, epoch milliseconds. */
export function exampleEvents(end: number): readonly StoredEvent[] {
  const events: StoredEvent[] = [];
  const tell = (secondsAgo: number, mnemonic: string, message: string, told: Told = {}): number => {
    const { client = "hq", peer, data = {} } = told;
    const id = 1_041 + events.length;
    events.push({
      id,
      time: new Date(end - secondsAgo * 1_000).toISOString(),
      uptime: 40_000 - secondsAgo,
      severity: severities[/-(\d)-/.exec(mnemonic)?.[1] ?? "6"] ?? "notice",
      mnemonic,
      ...(mnemonic.startsWith("TRACK") || mnemonic.includes("STARTED") ? {} : { client }),
      ...(peer === undefined ? {} : { peer }),
      message,
      data,
    });
    return id;
  };
  const [hub1, hub2] = ["hub1.example.net", "hub2.example.net"];
  const at1 = { seq: 10, address: "203.0.113.1", source: "wan0" };
  const at2 = { seq: 20, address: "203.0.113.2", source: "wan0" };

  const started = tell(39_000, "FLEXSPOKE-5-STARTED", "the daemon runs", { data: {} });
  let id = tell(
    38_999.9,
    "FLEXSPOKE-6-CONNECTING",
    `hq: connecting to ${hub1} (203.0.113.1) from wan0`,
    {
      peer: hub1,
      data: { ...at1, attempt: 1, cause: started },
    },
  );
  id = tell(38_999.4, "IKEV2-5-SA_UP", "IKE SA with fqdn:hub1.example.net is up", {
    peer: "203.0.113.1",
    data: { cause: id },
  });
  tell(
    38_999.35,
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
    `FlexVPN(hq) is up with ${hub1} (203.0.113.1) from wan0, assigned 10.250.1.7`,
    {
      peer: hub1,
      data: { ...at1, "assigned-ipv4": "10.250.1.7", cause: id },
    },
  );
  tell(38_995, "FLEXSPOKE-6-STANDBY_READY", `hq: ${hub2} (203.0.113.2) from wan0 stands by`, {
    peer: hub2,
    data: at2,
  });
  const lost = tell(
    8_420.31,
    "IKEV2-5-SA_DOWN",
    "the hub no longer answers: 4 requests in 6.1s had no reply; look at the hub, and at the way to it",
    {
      peer: "203.0.113.1",
      data: { "reason-code": "ike.liveness-lost" },
    },
  );
  const down = tell(
    8_420.3,
    "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    `FlexVPN(hq) is down, was up with ${hub1} (203.0.113.1) from wan0: the hub no longer answers`,
    {
      peer: hub1,
      data: { ...at1, "reason-code": "ike.liveness-lost", cause: lost },
    },
  );
  tell(
    8_420.288,
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
    `FlexVPN(hq) is up with ${hub2} (203.0.113.2) from wan0, assigned 10.250.2.4`,
    {
      peer: hub2,
      data: { ...at2, "assigned-ipv4": "10.250.2.4", cause: down },
    },
  );
  tell(
    8_419,
    "TRACK-6-STATE",
    "hub1 ip sla 1 reachability Up -> Down: sla hub1-echo returned timeout",
    {
      data: { object: "hub1", from: "up", to: "down" },
    },
  );
  tell(3_700, "TRACK-6-STATE", "hub1 ip sla 1 reachability Down -> Up: sla hub1-echo returned ok", {
    data: { object: "hub1", from: "down", to: "up" },
  });
  id = tell(
    3_670.4,
    "FLEXSPOKE-6-CONNECTING",
    `hq: connecting to ${hub1} (203.0.113.1) from wan0`,
    {
      peer: hub1,
      data: { ...at1, attempt: 1 },
    },
  );
  id = tell(3_670.05, "IKEV2-5-SA_UP", "IKE SA with fqdn:hub1.example.net is up", {
    peer: "203.0.113.1",
    data: { cause: id },
  });
  id = tell(
    3_670,
    "FLEXSPOKE-5-RETURN",
    `hq: goes back to ${hub1} (203.0.113.1) from wan0, which has been good for 30s`,
    {
      peer: hub1,
      data: { ...at1, seconds: 30, cause: id },
    },
  );
  id = tell(
    3_670,
    "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    `FlexVPN(hq) is down, was up with ${hub2} (203.0.113.2) from wan0: ${hub1} (203.0.113.1) is better`,
    {
      peer: hub2,
      data: { ...at2, "reason-code": "peer.better", cause: id },
    },
  );
  tell(
    3_670,
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
    `FlexVPN(hq) is up with ${hub1} (203.0.113.1) from wan0, assigned 10.250.1.7`,
    {
      peer: hub1,
      data: { ...at1, "assigned-ipv4": "10.250.1.7", cause: id },
    },
  );
  tell(3_665, "FLEXSPOKE-6-STANDBY_READY", `hq: ${hub2} (203.0.113.2) from wan0 stands by`, {
    peer: hub2,
    data: at2,
  });
  tell(
    1_200,
    "FLEXSPOKE-3-BACKUP_BROKEN",
    `hq: ${hub2} from wwan0 would not work if it were needed: no answer after 6 tries`,
    {
      peer: hub2,
      data: { seq: 20, source: "wwan0" },
    },
  );
  const attempt = tell(320, "FLEXSPOKE-6-CONNECTING", "backup: connecting to 203.0.113.9", {
    client: "backup",
    peer: "203.0.113.9",
    data: { seq: 10, address: "203.0.113.9", attempt: 1 },
  });
  const abort = tell(
    319.5,
    "IKEV2-3-NEG_ABORT",
    "the hub refused our proof of identity (AUTHENTICATION_FAILED); compare psk and identities on both ends",
    {
      client: "backup",
      peer: "203.0.113.9",
      data: { "reason-code": "ike.auth.failed", cause: attempt },
    },
  );
  tell(319.49, "FLEXSPOKE-5-BACKOFF", "backup: next attempt in 8s", {
    client: "backup",
    data: { seconds: 8, cause: abort },
  });
  return events;
}
