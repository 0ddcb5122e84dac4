/** What the lab's strongSwan daemons are told, as settings that a test may change anywhere. */
import {
  clientInterfaceId,
  type HubName,
  hubInterfaceId,
  hubs,
  sharedHubAddress,
  uplinks,
} from "./addresses.ts";
import { mergeSettings, type Settings } from "./merge.ts";
import type { Topology } from "./topology.ts";

/** Written into configurations of both sides; a test may search every log for it. */
export const presharedKey = "lab-preshared-key";

/** What is the same in every configuration: one connection `c` with one child `net`, and both pools. */
function hubBase(topology: Topology, name: HubName): Settings {
  const { network4, network6, pool4, pool6 } = hubs[name];
  const interfaceId = topology.ability.xfrm ? hubInterfaceId : undefined;
  return {
    connections: {
      c: {
        version: 2,
        proposals: "aes256gcm16-prfsha384-x25519,aes256-sha256-ecp256-modp2048",
        pools: "v4,v6",
        send_cert: "always",
        children: {
          net: {
            local_ts: `${network4},${network6}`,
            remote_ts: "dynamic",
            esp_proposals: "aes256gcm16-x25519,aes256gcm16,aes256-sha256",
            if_id_in: interfaceId,
            if_id_out: interfaceId,
          },
        },
      },
    },
    pools: {
      v4: {
        addrs: pool4,
        dns: network4.replace(".0/16", ".53"),
        subnet: network4,
        25: '"corp.lab"',
      },
      v6: { addrs: pool6, dns: network6.replace("::/64", "::53"), subnet: network6 },
    },
  };
}

/**
 * A hub that anyone with the pre-shared key may join, and that assigns addresses.
 * @param over changes anything of swanctl.conf: `{ connections: { c: { rekey_time: "5s" } } }`.
 */
export function pskHub(topology: Topology, name: HubName, over: Settings = {}): Settings {
  const auth: Settings = {
    connections: {
      c: { local: { auth: "psk", id: `${name}.lab` }, remote: { auth: "psk", id: "%any" } },
    },
    secrets: { "ike-any": { secret: `"${presharedKey}"` } },
  };
  return mergeSettings(mergeSettings(hubBase(topology, name), auth), over);
}

/** A hub with a shared key that stands in for the other one: both lead to the address that they share. */
export function twinHub(topology: Topology, name: HubName, over: Settings = {}): Settings {
  const { network4, network6 } = hubs[name];
  const subnet = `${network4},${sharedHubAddress}/32`;
  const net = { local_ts: `${subnet},${network6}` };
  const twin = { connections: { c: { children: { net } } }, pools: { v4: { subnet } } };
  return mergeSettings(pskHub(topology, name, twin), over);
}

/** A hub with a certificate (`x509/NAME.pem` and its key) that wants one from its clients. */
export function certificateHub(topology: Topology, name: HubName, over: Settings = {}): Settings {
  const auth: Settings = {
    connections: {
      c: {
        local: { auth: "pubkey", certs: `${name}.pem`, id: `${name}.lab` },
        remote: { auth: "pubkey", id: "%any" },
      },
    },
  };
  return mergeSettings(mergeSettings(hubBase(topology, name), auth), over);
}

/** A client with the pre-shared key that asks for both addresses and reaches hub1's networks; used in the branch. */
export function pskClient(over: Settings = {}): Settings {
  const base: Settings = {
    connections: {
      c: {
        version: 2,
        local_addrs: uplinks.wan1.ipv4,
        remote_addrs: hubs.hub1.ipv4,
        vips: "0.0.0.0,::",
        proposals: "aes256gcm16-prfsha384-x25519",
        local: { auth: "psk", id: "branch12.lab" },
        remote: { auth: "psk", id: "hub1.lab" },
        children: {
          net: {
            local_ts: "dynamic",
            remote_ts: `${hubs.hub1.network4},${hubs.hub1.network6}`,
            esp_proposals: "aes256gcm16",
            if_id_in: clientInterfaceId,
            if_id_out: clientInterfaceId,
          },
        },
      },
    },
    secrets: { "ike-any": { secret: `"${presharedKey}"` } },
  };
  return mergeSettings(base, over);
}
