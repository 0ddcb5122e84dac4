/** strongSwan in the branch's place: what ours is compared with, and what shows that the lab itself works. */
import { clientInterfaceId, hubs, lan } from "./addresses.ts";
import type { Settings } from "./merge.ts";
import { Strongswan } from "./strongswan.ts";
import { pskClient } from "./strongswan-config.ts";
import type { Topology } from "./topology.ts";

export class StrongswanClient {
  readonly daemon: Strongswan;
  readonly #topology: Topology;

  constructor(topology: Topology) {
    this.#topology = topology;
    this.daemon = new Strongswan(topology, "branch");
  }

  /** Connects to hub1 and translates the LAN to the assigned address. Needs ESP in the kernel. */
  async connect(over: Settings = {}): Promise<void> {
    await this.daemon.start({ swanctl: pskClient(over), charon: { install_virtual_ip: "no" } });
    await this.daemon.swanctl("--initiate --child net");
    const [sa] = await this.daemon.sas();
    const address = sa?.assigned.find((text) => text.includes("."));
    const script = `
ip link add ipsec0 type xfrm dev wan1 if_id ${clientInterfaceId}
ip addr add ${address}/32 dev ipsec0
ip link set ipsec0 up mtu 1400
ip route add ${hubs.hub1.network4} dev ipsec0
nft -f - <<'.'
table ip stand-in {
  chain translate {
    type nat hook postrouting priority srcnat
    iifname "${lan.interface}" oifname ipsec0 snat to ${address}
  }
}
.`;
    await this.#topology.must("branch", script);
  }
}
