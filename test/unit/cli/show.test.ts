import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { exampleEvents, exampleState } from "../api/example-state.ts";
import { flexspoke } from "./run.ts";

let folder: string;
let api: ApiServer;
const backend = new ExampleBackend();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-cli-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend, controlSocket, listen: [], log: silentLog });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

/** What a command prints; it must succeed and say nothing on stderr. */
async function shown(line: string): Promise<string> {
  const { status, stdout, stderr } = await flexspoke(`${line} --run-dir ${folder}`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

test("show client is one line a client", async () => {
  expect(await shown("show client")).toMatchInlineSnapshot(`
    "CLIENT  STATE    SINCE                 PEER              SOURCE  TUNNEL   ADDRESS     REASON
    hq      up       2026-11-24 08:15:30Z  hub1.example.net  wan0    Tunnel0  10.250.1.7  up since the hub answered
    backup  backoff  2026-11-24 09:38:10Z  203.0.113.9       -       Tunnel1  -           the hub refused the pre-shared key: compare psk on both ends
    "
  `);
});

test("show client NAME is all about one", async () => {
  expect(await shown("show client hq")).toMatchInlineSnapshot(`
    "Client                : hq
    State                 : up
    Since                 : 2026-11-24 08:15:30Z
    Reason                : up since the hub answered
    Peer                  : hub1.example.net (203.0.113.1), seq 10
    Source                : wan0
    Standby               : 203.0.113.7 from wan0, ready
    Tunnel interface      : Tunnel0
    Assigned IPv4 address : 10.250.1.7
    Assigned IPv6 prefix  : fd00:250::7/128
    Networks              : 10.0.0.0/8, 172.16.0.0/12
    DNS servers           : 10.0.0.53
    Attempts              : 0

     SEQ  PEER              FROM           USE                       LAST FAILURE
      10  hub1.example.net  configuration  in use                    -
      20  hub2.example.net  configuration  held: track hub2 is down  no answer after 6 tries
    1001  203.0.113.7       downloaded     stands by                 -

    Rehearsal:
    SEQ  PEER              SOURCE  WORKS  MS  TRIED                 REASON
     10  hub1.example.net  wan0    yes     -  2026-11-24 02:10:00Z  in use
     20  hub2.example.net  wan0    NO      -  2026-11-24 02:10:21Z  no answer after 6 tries
    "
  `);
});

test("show client NAME tells why it is not up and when it tries again", async () => {
  expect(await shown("show client backup")).toMatchInlineSnapshot(`
    "Client           : backup
    State            : backoff
    Since            : 2026-11-24 09:38:10Z
    Reason           : the hub refused the pre-shared key: compare psk on both ends
    Reason code      : ike.auth.failed
    Peer             : 203.0.113.9, seq 10
    Source           : by routing table
    Tunnel interface : Tunnel1
    Attempts         : 3
    Next retry       : 2026-11-24 09:38:18Z

    SEQ  PEER         FROM           USE     LAST FAILURE
     10  203.0.113.9  configuration  in use  AUTHENTICATION_FAILED
    "
  `);
});

test("show ike is one line an IKE SA", async () => {
  expect(await shown("show ike")).toMatchInlineSnapshot(`
    "CLIENT  SESSION  LOCAL              REMOTE            STATE        SUITE                           AGE  REKEY IN
    hq            3  192.168.1.20:4500  203.0.113.1:4500  established  aes-gcm-256/sha384/x25519  01:23:30  20:55:00
    "
  `);
});

test("show ike --detail is all about each", async () => {
  expect(await shown("show ike --detail")).toMatchInlineSnapshot(`
    "Client         : hq
    Session        : 3
    State          : established
    Role           : initiator
    Local          : 192.168.1.20:4500, fqdn:branch12.example.net
    Remote         : 203.0.113.1:4500, fqdn:hub1.example.net
    SPI            : 1a2b3c4d5e6f7081 (initiator), 90a1b2c3d4e5f607 (responder)
    Encryption     : aes-gcm-256
    PRF            : sha384
    Key exchange   : x25519
    Authentication : psk (local), psk (remote)
    NAT            : at this end
    Age            : 01:23:30
    Rekey in       : 20:55:00
    Rekeys         : 0
    Child SAs      : c1a2b3c4/0e5f6071
    "
  `);
});

test("show ipsec is one line an SA, with the kernel's counters", async () => {
  expect(await shown("show ipsec")).toMatchInlineSnapshot(`
    "CLIENT  DIR  SPI       SOURCE             DESTINATION        CIPHER       SETTINGS               PACKETS      BYTES  DROPS       AGE
    hq      in   c1a2b3c4  203.0.113.1:4500   192.168.1.20:4500  aes-gcm-256  tunnel,udp-encaps,esn     2345    1.2 MiB      1  00:23:30
    hq      out  0e5f6071  192.168.1.20:4500  203.0.113.1:4500   aes-gcm-256  tunnel,udp-encaps,esn     1999  446.1 KiB      0  00:23:30
    "
  `);
});

test("show session is in the layout of IOS", async () => {
  expect(await shown("show session")).toMatchInlineSnapshot(`
    "Crypto session current status

    Code: C - IKE Configuration mode, D - Dead Peer Detection
    K - Keepalives, N - NAT-traversal, T - cTCP encapsulation
    X - IKE Extended Authentication, F - IKE Fragmentation
    R - IKE Auto Reconnect, U - IKE Dynamic Route Update
    S - SIP VPN

    Interface: Tunnel0
    Profile: hq
    Uptime: 01:24:30
    Session status: UP-ACTIVE
    Peer: 203.0.113.1 port 4500 fvrf: (none) ivrf: (none)
          Phase1_id: fqdn:hub1.example.net
          Desc: (none)
      Session ID: 3
      IKEv2 SA: local 192.168.1.20/4500 remote 203.0.113.1/4500 Active
              Capabilities:N connid:3 lifetime:00:00:00
      IPSEC FLOW: permit ip host 10.250.1.7 0.0.0.0/0.0.0.0
            Active SAs: 2, origin: crypto map
            Inbound:  #pkts dec'ed 2345 drop 1 life (KB/Sec) KB Vol Rekey Disabled/0
            Outbound: #pkts enc'ed 1999 drop 0 life (KB/Sec) KB Vol Rekey Disabled/0

    Interface: Tunnel1
    Profile: backup
    Session status: DOWN
    Peer: 203.0.113.9 port 500 fvrf: (none) ivrf: (none)
          Phase1_id: (none)
          Desc: (none)
    "
  `);
});

test("show tunnel is one line an interface", async () => {
  expect(await shown("show tunnel")).toMatchInlineSnapshot(`
    "TUNNEL   CLIENT  STATE   MTU  ADDRESSES
    Tunnel0  hq      up     1422  10.250.1.7/32, fd00:250::7/128
    Tunnel1  backup  down   1422  -
    "
  `);
});

test("show route is one line a route", async () => {
  expect(await shown("show route")).toMatchInlineSnapshot(`
    "DESTINATION     GATEWAY      DEVICE   METRIC  CLIENT
    10.0.0.0/8      -            Tunnel0       2  hq
    203.0.113.1/32  192.168.1.1  wan0          2  hq
    "
  `);
});

test("show events is a log, oldest first, with causes", async () => {
  expect(await shown("show events")).toMatchInlineSnapshot(`
    "41 2026-11-24 08:15:29Z %IKEV2-5-SA_UP: IKE SA with hub1.example.net is up (client hq, peer 203.0.113.1)
    42 2026-11-24 08:15:30Z %FLEXVPN-6-FLEXVPN_CONNECTION_UP: connected to hub1.example.net, address 10.250.1.7 (client hq, peer 203.0.113.1, because of 41)
    43 2026-11-24 09:38:10Z %IKEV2-3-NEG_ABORT: the hub refused the pre-shared key: compare psk on both ends (client backup, peer 203.0.113.9)
    "
  `);
});

test("show events --last N is the newest N", async () => {
  expect((await shown("show events --last 1")).split("\n")).toHaveLength(2);
});

test("show stats adds up", async () => {
  expect(await shown("show stats")).toMatchInlineSnapshot(`
    "Uptime             : 01:23:45
    Memory             : 56.0 MiB
    Clients            : 1 of 2 up
    IKE SAs            : 1
    IKE rekeys         : 0
    IPsec SAs          : 2
    Received           : 2345 packets, 1.2 MiB
    Sent               : 1999 packets, 446.1 KiB
    Replay drops       : 1
    Integrity failures : 0
    Routes             : 2
    Fault: module nf_conntrack is missing: install the kernel's extra modules
    "
  `);
});

test("show version says what runs where", async () => {
  expect(await shown("show version")).toMatchInlineSnapshot(`
    "FlexSpoke : 0.1.0
    Hostname  : branch12
    Uptime    : 01:23:45
    "
  `);
});

test.each([
  ["client", exampleState.clients],
  ["client hq", Object.values(exampleState.clients)[0]],
  ["ike", exampleState.ike],
  ["ike --detail", exampleState.ike],
  ["ipsec", exampleState.ipsec],
  ["tunnel", exampleState.tunnels],
  ["route", exampleState.routes],
  ["events", exampleEvents],
  ["events --last 2", exampleEvents.slice(-2)],
  ["version", { version: "0.1.0", hostname: "branch12", uptime: 5025 }],
])("show %s --json is the data of the API", async (what, expected) => {
  expect(JSON.parse(await shown(`show ${what} --json`))).toEqual(expected);
});

test("show session --json joins what belongs to a client", async () => {
  expect(JSON.parse(await shown("show session --json"))).toMatchObject([
    { client: "hq", status: "UP-ACTIVE", ike: [{ session: 3 }], ipsec: [{}, {}] },
    { client: "backup", status: "DOWN", ike: [], ipsec: [] },
  ]);
});

test("show stats --json has the sums as numbers", async () => {
  expect(JSON.parse(await shown("show stats --json"))).toMatchObject({
    clients: { total: 2, up: 1 },
    ipsec: { sas: 2, in: { packets: 2345, bytes: 1_234_567 }, "replay-drops": 1 },
  });
});

test("an unknown client is named with those there are, and the command fails", async () => {
  const run = await flexspoke(`show client hub --run-dir ${folder}`);
  expect(run).toMatchObject({
    status: 1,
    stdout: "",
    stderr: 'flexspoke: no client named "hub": there is hq, backup\n',
  });
});

test("the run-time folder is taken from the environment, and an option wins over it", async () => {
  const env = { FLEXSPOKE_RUN_DIR: folder };
  expect((await flexspoke("show version", { env })).status).toBe(0);
  expect((await flexspoke("show version --run-dir /nowhere", { env })).status).toBe(3);
  expect((await flexspoke(`--run-dir ${folder} show version`)).status).toBe(0);
});

test.each([
  ["connect hq", { client: "hq", action: { kind: "connect" } }, "hq: connect begun (event 44)\n"],
  [
    "disconnect hq",
    { client: "hq", action: { kind: "disconnect" } },
    "hq: disconnect begun (event 44)\n",
  ],
  ["clear client hq", { client: "hq", action: { kind: "clear" } }, "hq: clear begun (event 44)\n"],
  [
    "rekey ike hq",
    { client: "hq", action: { kind: "rekey", what: "ike" } },
    "hq: rekey begun (event 44)\n",
  ],
  [
    "rekey child hq",
    { client: "hq", action: { kind: "rekey", what: "child" } },
    "hq: rekey begun (event 44)\n",
  ],
])("%s asks the daemon and names the event", async (line, action, printed) => {
  backend.actions.length = 0;
  expect(await shown(line)).toBe(printed);
  expect(backend.actions).toEqual([action]);
});

test("rehearse NAME asks for it, waits for the end and prints what works", async () => {
  backend.actions.length = 0;
  const printed = await shown("rehearse hq");
  expect(backend.actions).toEqual([{ client: "hq", action: { kind: "rehearse" } }]);
  expect(printed).toMatch(/^hq\nSEQ {2}PEER .*\n 10 {2}hub1\.example\.net {2}wan0 {4}yes/);
});

test("rehearse --json is one document for all clients", async () => {
  expect(Object.keys(JSON.parse(await shown("rehearse --json")))).toEqual(["hq", "backup"]);
});

test("clear client without a name clears them all", async () => {
  backend.actions.length = 0;
  await shown("clear client");
  expect(backend.actions.map(({ client }) => client)).toEqual(["hq", "backup"]);
});

test("what the daemon refuses is a failure with its reason", async () => {
  backend.outcome = { kind: "refused", code: "client.not-up", reason: "hq is not up: connect it" };
  const run = await flexspoke(`rekey ike hq --run-dir ${folder}`);
  backend.outcome = { kind: "accepted", event: 44 };
  expect(run).toMatchObject({
    status: 1,
    stdout: "",
    stderr: "flexspoke: hq is not up: connect it\n",
  });
});

test("what a hub calls itself can't drive the terminal", async () => {
  const [sa] = exampleState.ike;
  backend.state = () => ({
    ...exampleState,
    ike: [{ ...sa!, "remote-identity": "\u001b[2J\u202ehub\r\nfake" }],
  });
  const text = `${await shown("show ike --detail")}${await shown("show session")}`;
  backend.state = () => exampleState;
  expect(text).toContain("\\x1b[2J\\u202ehub\\x0d\\x0afake");
  for (const character of ["\u001b", "\u202e", "\r"]) expect(text).not.toContain(character);
});

test("show dialer is one line a dialer", async () => {
  expect(await shown("show dialer")).toMatchInlineSnapshot(`
    "DIALER  STATE      SINCE                 INTERFACE  DEMANDED BY    ATTEMPTS  FAILURES  REASON
    lte     connected  2026-11-24 09:38:00Z  ppp-lte    client backup         3         2  the line is up
    dsl     idle       2026-11-24 08:15:29Z  ppp-dsl    -                     0         0  nobody demands the line
    "
  `);
});

test("show dialer NAME is all about one", async () => {
  expect(await shown("show dialer lte")).toMatchInlineSnapshot(`
    "Dialer            : lte
    State             : connected
    Since             : 2026-11-24 09:38:00Z
    Reason            : the line is up
    Dialled by        : pppd
    Interface         : ppp-lte
    Demanded by       : client backup
    Addresses         : 100.64.3.9
    DNS servers       : 100.64.0.53
    Connected since   : 2026-11-24 09:38:00Z
    Attempts          : 3
    Connections       : 1
    Failures          : 2
    Failures in a row : 2
    Last failure      : no dial tone (look at the cable to the socket), 2026-11-24 09:37:12Z
    Modem resets      : 1
    Time connected    : 00:01:15
    Received          : 10.0 KiB
    Sent              : 2.0 KiB
    "
  `);
});

test("show dialer --json is the part of the state document", async () => {
  expect(JSON.parse(await shown("show dialer --json"))).toEqual(exampleState.dialers);
  expect(JSON.parse(await shown("show dialer dsl --json"))).toEqual(exampleState.dialers["dsl"]);
});
