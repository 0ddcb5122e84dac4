/** The exact text of every IOS spelling, from one state: scripts of the field parse columns and words. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { iosState } from "./ios-state.ts";
import { flexspoke } from "./run.ts";

let folder: string;
let api: ApiServer;
const backend = new ExampleBackend();
backend.state = () => iosState;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-ios-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend, controlSocket, listen: [], log: silentLog });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

async function shown(line: string): Promise<string> {
  const { status, stdout, stderr } = await flexspoke(`${line} --run-dir ${folder}`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

test("show crypto ikev2 client flexvpn has the state at the end of its line", async () => {
  expect(await shown("show crypto ikev2 client flexvpn")).toMatchInlineSnapshot(`
    "  Profile : hq
      Current state:ACTIVE
      Peer : 203.0.113.10
      Source : wan0
      ivrf : IP DEFAULT
      fvrf : IP DEFAULT
      Backup group: None
      Tunnel interface : Tunnel0
      Assigned IP address: 10.99.0.7

      Profile : backup
      Current state:NEGOTIATING
      Peer : 203.0.113.9
      Source : None
      ivrf : IP DEFAULT
      fvrf : IP DEFAULT
      Backup group: main
      Tunnel interface : Tunnel1

      Profile : spare
      Current state:CONNECT_REQUIRED
      Peer : 203.0.113.9
      Source : None
      ivrf : IP DEFAULT
      fvrf : IP DEFAULT
      Backup group: None
      Tunnel interface : Tunnel2
    "
  `);
  expect(await shown("show crypto ikev2 client flexvpn hq")).toMatch(/^ {2}Current state:ACTIVE$/m);
});

test("show crypto ikev2 sa has its columns at 0, 10, 32, 54 and 75", async () => {
  const text = await shown("show crypto ikev2 sa");
  const row = text.split("\n").find((line) => line.startsWith("2 ")) ?? "";
  expect([row.slice(10, 25), row.slice(32, 49), row.slice(54, 63), row.slice(75)]).toEqual([
    "192.0.2.17/4500",
    "203.0.113.10/4500",
    "none/none",
    "READY",
  ]);
  expect(text).toMatchInlineSnapshot(`
    " IPv4 Crypto IKEv2  SA

    Tunnel-id Local                 Remote                fvrf/ivrf            Status
    2         192.0.2.17/4500       203.0.113.10/4500     none/none            READY
          Encr: AES-CBC, keysize: 256, PRF: SHA512, Hash: SHA512, DH Grp:19, Auth sign: PSK, Auth verify: PSK
          Life/Active Time: 86400/318 sec

    Tunnel-id Local                 Remote                fvrf/ivrf            Status
    4         192.0.2.17/500        203.0.113.9/500       none/none            IN-NEG
          Encr: Unknown - 0, PRF: Unknown - 0, Hash: None, DH Grp:0, Auth sign: Unknown - 0, Auth verify: Unknown - 0
          Life/Active Time: 86400/2 sec

     IPv6 Crypto IKEv2  SA

    Tunnel-id    fvrf/ivrf              Status
    3          none/none             READY
    Local  2001:db8:1101::131/500
    Remote  2001:db8:1201::122/500
          Encr: AES-GCM, keysize: 256, PRF: SHA384, Hash: None, DH Grp:31, Auth sign: RSA, Auth verify: ECDSA
          Life/Active Time: 28800/61 sec
    "
  `);
});

test("show crypto ikev2 sa detailed adds the rest in the order of IOS", async () => {
  expect(await shown("show crypto ikev2 sa detailed")).toMatchInlineSnapshot(`
    " IPv4 Crypto IKEv2  SA

    Tunnel-id Local                 Remote                fvrf/ivrf            Status
    2         192.0.2.17/4500       203.0.113.10/4500     none/none            READY
          Encr: AES-CBC, keysize: 256, PRF: SHA512, Hash: SHA512, DH Grp:19, Auth sign: PSK, Auth verify: PSK
          Life/Active Time: 86400/318 sec
          CE id: 0, Session-id: 2
          Local spi: 4924FD2741CC90FD       Remote spi: 601ED2AB91327DAE
          Status Description: Negotiation done
          Local id: branch12.example.net
          Remote id: hub1.example.net
          Local req msg id:  7              Remote req msg id:  3
          Local next msg id: 7              Remote next msg id: 3
          Local req queued:  7              Remote req queued:  3
          Local window:      1              Remote window:      5
          DPD configured for 60 seconds, retry 3
          IETF Std Fragmentation enabled. MTU 1280 bytes.
          Dynamic Route Update: disabled
          Extended Authentication not configured.
          NAT-T is detected inside
          Cisco Trust Security SGT is disabled
          Initiator of SA : Yes
          Pushed IP address: 10.99.0.7
          Remote subnets:
          10.0.0.0 255.0.0.0
          172.16.0.0 255.240.0.0
          PEER TYPE: IOS-XE

    Tunnel-id Local                 Remote                fvrf/ivrf            Status
    4         192.0.2.17/500        203.0.113.9/500       none/none            IN-NEG
          Encr: Unknown - 0, PRF: Unknown - 0, Hash: None, DH Grp:0, Auth sign: Unknown - 0, Auth verify: Unknown - 0
          Life/Active Time: 86400/2 sec
          CE id: 0, Session-id: 4
          Local spi: 1A2B3C4D5E6F7081       Remote spi: 0000000000000000
          Status Description: Initiator waiting for INIT response
          Local id: branch12.example.net
          Remote id:
          Local req msg id:  0              Remote req msg id:  0
          Local next msg id: 0              Remote next msg id: 0
          Local req queued:  0              Remote req queued:  0
          Local window:      0              Remote window:      0
          DPD configured for 10 seconds, retry 2
          IETF Std Fragmentation not negotiated. MTU 1280 bytes.
          Dynamic Route Update: disabled
          Extended Authentication not configured.
          NAT-T is not detected
          Cisco Trust Security SGT is disabled
          Initiator of SA : Yes
          PEER TYPE: Other

     IPv6 Crypto IKEv2  SA

    Tunnel-id    fvrf/ivrf              Status
    3          none/none             READY
    Local  2001:db8:1101::131/500
    Remote  2001:db8:1201::122/500
          Encr: AES-GCM, keysize: 256, PRF: SHA384, Hash: None, DH Grp:31, Auth sign: RSA, Auth verify: ECDSA
          Life/Active Time: 28800/61 sec
          CE id: 0, Session-id: 3
          Local spi: 4CF87E32B25302C0       Remote spi: 96254131FD306002
          Status Description: Negotiation done
          Local id: branch12.example.net
          Remote id: CN=hub2,O=Example
          Local req msg id:  2              Remote req msg id:  0
          Local next msg id: 2              Remote next msg id: 0
          Local req queued:  3              Remote req queued:  0
          Local window:      1              Remote window:      1
          DPD configured for 0 seconds, retry 0
          Fragmentation not  configured.
          Dynamic Route Update: disabled
          Extended Authentication not configured.
          NAT-T is not detected
          Cisco Trust Security SGT is disabled
          Initiator of SA : Yes
          PEER TYPE: Other
    "
  `);
});

test("show crypto ikev2 session joins IKE SAs and Child SAs", async () => {
  expect(await shown("show crypto ikev2 session")).toMatchInlineSnapshot(`
    " IPv4 Crypto IKEv2 Session

    Session-id:2, Status:UP-ACTIVE, IKE count:1, CHILD count:1

    Tunnel-id Local                 Remote                fvrf/ivrf            Status
    2         192.0.2.17/4500       203.0.113.10/4500     none/none            READY
          Encr: AES-CBC, keysize: 256, PRF: SHA512, Hash: SHA512, DH Grp:19, Auth sign: PSK, Auth verify: PSK
          Life/Active Time: 86400/318 sec
    Child sa: local selector  0.0.0.0/0 - 255.255.255.255/65535
              remote selector 0.0.0.0/0 - 255.255.255.255/65535
              ESP spi in/out: 0xC1A2B3C4/0x0E5F6071

    Session-id:4, Status:DOWN-NEGOTIATING, IKE count:1, CHILD count:0

    Tunnel-id Local                 Remote                fvrf/ivrf            Status
    4         192.0.2.17/500        203.0.113.9/500       none/none            IN-NEG
          Encr: Unknown - 0, PRF: Unknown - 0, Hash: None, DH Grp:0, Auth sign: Unknown - 0, Auth verify: Unknown - 0
          Life/Active Time: 86400/2 sec

     IPv6 Crypto IKEv2 Session

    Session-id:3, Status:UP-IDLE, IKE count:1, CHILD count:0

    Tunnel-id    fvrf/ivrf              Status
    3          none/none             READY
    Local  2001:db8:1101::131/500
    Remote  2001:db8:1201::122/500
          Encr: AES-GCM, keysize: 256, PRF: SHA384, Hash: None, DH Grp:31, Auth sign: RSA, Auth verify: ECDSA
          Life/Active Time: 28800/61 sec
    "
  `);
});

test("show crypto session has no profile, identity or counters", async () => {
  expect(await shown("show crypto session")).toMatchInlineSnapshot(`
    "Crypto session current status

    Interface: Tunnel0
    Session status: UP-ACTIVE
    Peer: 203.0.113.10 port 4500
      Session ID: 2
      IKEv2 SA: local 192.0.2.17/4500 remote 203.0.113.10/4500 Active
      IPSEC FLOW: permit ip 0.0.0.0/0.0.0.0 0.0.0.0/0.0.0.0
            Active SAs: 2, origin: crypto map

    Interface: Tunnel1
    Session status: DOWN
    Peer: 203.0.113.9 port 500
      Session ID: 4
      IKEv2 SA: local 192.0.2.17/500 remote 203.0.113.9/500 Inactive

    Interface: Tunnel2
    Session status: DOWN
    Peer: 203.0.113.9 port 500
    "
  `);
});

test("show crypto session detail has them, and what is left of the lifetimes", async () => {
  expect(await shown("show crypto session detail")).toMatchInlineSnapshot(`
    "Crypto session current status

    Code: C - IKE Configuration mode, D - Dead Peer Detection
    K - Keepalives, N - NAT-traversal, T - cTCP encapsulation
    X - IKE Extended Authentication, F - IKE Fragmentation
    R - IKE Auto Reconnect, U - IKE Dynamic Route Update
    S - SIP VPN

    Interface: Tunnel0
    Profile: hq
    Uptime: 00:05:18
    Session status: UP-ACTIVE
    Peer: 203.0.113.10 port 4500 fvrf: (none) ivrf: (none)
          Phase1_id: hub1.example.net
          Desc: (none)
      Session ID: 2
      IKEv2 SA: local 192.0.2.17/4500 remote 203.0.113.10/4500 Active
              Capabilities:CDNF connid:2 lifetime:23:54:42
      IPSEC FLOW: permit ip 0.0.0.0/0.0.0.0 0.0.0.0/0.0.0.0
            Active SAs: 2, origin: crypto map
            Inbound:  #pkts dec'ed 40 drop 1 life (KB/Sec) 4607995/3282
            Outbound: #pkts enc'ed 41 drop 0 life (KB/Sec) 4607995/3282

    Interface: Tunnel1
    Profile: backup
    Session status: DOWN
    Peer: 203.0.113.9 port 500 fvrf: (none) ivrf: (none)
          Phase1_id: (none)
          Desc: (none)
      Session ID: 4
      IKEv2 SA: local 192.0.2.17/500 remote 203.0.113.9/500 Inactive
              Capabilities:D connid:4 lifetime:23:59:58

    Interface: Tunnel2
    Profile: spare
    Session status: DOWN
    Peer: 203.0.113.9 port 500 fvrf: (none) ivrf: (none)
          Phase1_id: (none)
          Desc: (none)
    "
  `);
});

test("show crypto ipsec sa is a block a tunnel", async () => {
  expect(await shown("show crypto ipsec sa")).toMatchInlineSnapshot(`
    "
    interface: Tunnel0
        Crypto map tag: Tunnel0-head-0, local addr 192.0.2.17

       protected vrf: (none)
       local  ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/0/0)
       remote ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/0/0)
       current_peer 203.0.113.10 port 4500
         PERMIT, flags={origin_is_acl,}
        #pkts encaps: 41, #pkts encrypt: 41, #pkts digest: 41
        #pkts decaps: 40, #pkts decrypt: 40, #pkts verify: 40
        #pkts compressed: 0, #pkts decompressed: 0
        #pkts not compressed: 0, #pkts compr. failed: 0
        #pkts not decompressed: 0, #pkts decompress failed: 0
        #send errors 2, #recv errors 1

         local crypto endpt.: 192.0.2.17, remote crypto endpt.: 203.0.113.10
         plaintext mtu 1422, path mtu 1500, ip mtu 1500, ip mtu idb wan0
         current outbound spi: 0x0E5F6071(241131633)
         PFS (Y/N): N, DH group: none

         inbound esp sas:
          spi: 0xC1A2B3C4(3248665540)
            transform: esp-256-aes esp-sha256-hmac ,
            in use settings ={Tunnel UDP-Encaps, }
            conn id: 1, flow_id: XFRM:1, sibling_flags 00000000, crypto map: Tunnel0-head-0
            sa timing: remaining key lifetime (k/sec): (4607995/3282)
            IV size: 16 bytes
            replay detection support: Y
            Status: ACTIVE(ACTIVE)

         inbound ah sas:

         inbound pcp sas:

         outbound esp sas:
          spi: 0x0E5F6071(241131633)
            transform: esp-256-aes esp-sha256-hmac ,
            in use settings ={Tunnel UDP-Encaps, }
            conn id: 2, flow_id: XFRM:2, sibling_flags 00000000, crypto map: Tunnel0-head-0
            sa timing: remaining key lifetime (k/sec): (4607995/3282)
            IV size: 16 bytes
            replay detection support: Y
            Status: ACTIVE(ACTIVE)

         outbound ah sas:

         outbound pcp sas:
    "
  `);
});

test("show crypto ikev2 stats is the table of IOS", async () => {
  expect(await shown("show crypto ikev2 stats")).toMatchInlineSnapshot(`
    "--------------------------------------------------------------------------------
                              Crypto IKEv2 SA Statistics
    --------------------------------------------------------------------------------
    System Resource Limit:   0        Max IKEv2 SAs: 0        Max in nego(in/out): 0/0
    Total incoming IKEv2 SA Count:    0        active:        0        negotiating: 0
    Total outgoing IKEv2 SA Count:    3        active:        2        negotiating: 1
    Incoming IKEv2 Requests: 13       accepted:      13       rejected:    0
    Outgoing IKEv2 Requests: 15       accepted:      14       rejected:    1
    Rejected IKEv2 Requests: 0        rsrc low:      0        SA limit:    0
    IKEv2 packets dropped at dispatch: 3
    Incoming Requests dropped as LOW Q limit reached : 0
    Incoming IKEV2 Cookie Challenged Requests: 0
        accepted: 0        rejected: 0        rejected no cookie: 0
    Total Deleted sessions of Cert Revoked Peers: 0
    Total init sa request rejected due to queue limit : 0
    SA Strength Enforcement Rejects - incoming:        0        outgoing:        0
    Sessions with Quantum Resistance: 0        Manual: 0        Dynamic: 0
    PPK Identity Mismatch: 0
    PPK Retrieve Failure    -    ALL:      0        With PPK Required:    0
    PPK Authentication Failure - ALL:      0        With PPK Required:    0
    "
  `);
});

test("show stats has what IKE counted", async () => {
  expect(await shown("show stats")).toMatchInlineSnapshot(`
    "Uptime              : 01:23:45
    Memory              : 56.0 MiB
    Clients             : 1 of 3 up
    IKE SAs             : 3
    IKE rekeys          : 1
    IKE sessions        : 2 came up, 1 did not
    IKE_SA_INIT         : 3 asked by us, 0 by hubs
    IKE_AUTH            : 2 asked by us, 0 by hubs
    INFORMATIONAL       : 9 asked by us, 13 by hubs
    IKE datagrams       : 40 received, 41 sent
    IKE retransmissions : 5, 0 by hubs
    IKE drops           : 1 malformed, 2 of no SA
    IPsec SAs           : 2
    Received            : 40 packets, 4.7 KiB
    Sent                : 41 packets, 4.8 KiB
    Replay drops        : 1
    Integrity failures  : 0
    Routes              : 2
    Fault: module nf_conntrack is missing: install the kernel's extra modules
    "
  `);
  expect(JSON.parse(await shown("show stats --json"))).toMatchObject({
    ike: { counters: iosState.system.ike },
  });
});

test("show crypto ikev2 diagnose error counts each failure by its words in IOS", async () => {
  expect(await shown("show crypto ikev2 diagnose error")).toMatchInlineSnapshot(`
    "Exit Path Table - status: enable, current entry 2, deleted 0, max allow 50

    Error(2): Detected an invalid IKE SPI

    Error(1): Failed to authenticate the IKE SA
    "
  `);
});

test("show track summary counts objects and who follows them", async () => {
  expect(await shown("show track summary")).toMatchInlineSnapshot(`
    "Object type             Objects     Clients
    ip sla                  1           1
    interface               1           2
    list                    1           0
    stub-object             1           0
    Total                   4           3
    "
  `);
});

test.each([
  ["show crypto ikev2 client flexvpn", iosState.clients],
  ["show crypto ikev2 client flexvpn hq", iosState.clients["hq"]],
  ["show crypto ikev2 sa detailed", iosState.ike],
  ["show crypto ipsec sa", iosState.ipsec],
])("%s --json is the data of the API", async (line, data) => {
  expect(JSON.parse(await shown(`${line} --json`))).toEqual(data);
});

test("what a hub calls itself can't drive the terminal in any layout", async () => {
  const evil = "\x1b[2Jhub";
  backend.state = () => ({
    ...iosState,
    ike: iosState.ike.map((sa) => ({ ...sa, "remote-identity": evil })),
  });
  for (const line of ["show crypto ikev2 sa det", "show crypto session detail"])
    expect(await shown(line)).not.toContain("\x1b");
  backend.state = () => iosState;
});
