/** Where everything is in the lab; the same on this host and in the virtual machine. */

export type Place = "hub1" | "hub2" | "hq1" | "hq2" | "internet" | "branch" | "lan";

export const places: readonly Place[] = ["hub1", "hub2", "hq1", "hq2", "internet", "branch", "lan"];

export type HubName = "hub1" | "hub2";

/** A hub, its site behind it, and the pools that the kinds of hub assign from. */
export interface HubAddresses {
  readonly name: HubName;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly gateway4: string;
  readonly gateway6: string;
  /** The site's host, and the networks that the hub protects. */
  readonly host4: string;
  readonly host6: string;
  readonly network4: string;
  readonly network6: string;
  readonly pool4: string;
  readonly pool6: string;
}

const hub = (number: 1 | 2, net: string, own: number): HubAddresses => ({
  name: `hub${number}`,
  ipv4: `${net}.${own}`,
  gateway4: `${net}.${own - 1}`,
  ipv6: `2001:db8:${number}::2`,
  gateway6: `2001:db8:${number}::1`,
  host4: `10.${number}.0.10`,
  host6: `fd00:${number}::10`,
  network4: `10.${number}.0.0/16`,
  network6: `fd00:${number}::/64`,
  pool4: `10.250.${number}.0/24`,
  pool6: `fd00:250:${number}::/112`,
});

export const hubs: Readonly<Record<HubName, HubAddresses>> = {
  hub1: hub(1, "203.0.113", 2),
  hub2: hub(2, "203.0.113", 6),
};

/** Both hubs answer on it, inside. */
export const sharedHubAddress = "10.9.0.1" as const;

export const uplinks = {
  wan1: {
    ipv4: "198.51.100.2",
    gateway4: "198.51.100.1",
    ipv6: "2001:db8:b1::2",
    gateway6: "2001:db8:b1::1",
    metric: 100,
    table: 101,
  },
  wan2: {
    ipv4: "198.51.100.6",
    gateway4: "198.51.100.5",
    ipv6: "2001:db8:b2::2",
    gateway6: "2001:db8:b2::1",
    metric: 200,
    table: 102,
  },
} as const;

/** The branch's inside interface, its own addresses there, and the host on the LAN. */
export const lan = {
  interface: "br-lan",
  gateway4: "192.168.10.1",
  gateway6: "fd00:10::1",
  host4: "192.168.10.10",
  host6: "fd00:10::10",
} as const;

/** What the branch looks like from outside when the NAT between branch and internet is on; ports 20000 to 30000. */
export const natAddress = "198.51.100.9";

/** Interface id of the hubs' xfrm interfaces. */
export const hubInterfaceId = 42;

/** Interface id of a strongSwan that stands in for the branch. */
export const clientInterfaceId = 43;
