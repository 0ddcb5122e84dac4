/**
 * What should exist in the kernel, as data: the one vocabulary between those who decide and the drivers that make it so.
 * Nothing here knows netlink or nftables.
 */
import type { Endpoint, InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import type { SecretBytes } from "#lib/secret.ts";

export interface DesiredState {
  readonly tunnels: readonly TunnelInterface[];
  /** In the order of their installation: of a client's outbound SAs with the same selectors the last one carries traffic. */
  readonly securityAssociations: readonly SecurityAssociation[];
  /** Usually what `policy.ts` derives from the SAs. */
  readonly policies: readonly SecurityPolicy[];
  readonly routes: readonly Route[];
  readonly firewall: Firewall;
}

/** An xfrm interface. linux/if_link.h: IFLA_XFRM_LINK, IFLA_XFRM_IF_ID */
export interface TunnelInterface {
  readonly name: string;
  /** From `ownership.ts`; never 0. Ties SAs and policies to the interface. */
  readonly ifId: number;
  /** Client whose SAs belong to this interface; may be left out when there is only one tunnel. */
  readonly client?: string;
  /**
   * Interface that ESP leaves by, for as long as the tunnel exists: the kernel never lets it change. Undefined leaves it to
   * the routing table. linux/net/xfrm: xfrmi_change
   */
  readonly underlay?: string;
  readonly mtu: number;
  readonly addresses: readonly InterfaceAddress[];
}

/** One direction of a Child SA. linux/xfrm.h: struct xfrm_usersa_info */
export interface SecurityAssociation {
  /** Chosen by the receiver; 0xc0000000 and up for ours. */
  readonly spi: number;
  readonly direction: "in" | "out";
  /** Outer addresses as this packet's header has them, and the UDP ports where ESP is encapsulated. RFC 3948 */
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly udpEncapsulation: boolean;
  readonly mode: "tunnel" | "transport";
  readonly encryption: EspEncryption;
  /** Absent with an AEAD cipher. */
  readonly integrity?: EspIntegrity;
  readonly esn: boolean;
  /** Packets; 0 turns replay protection off. Inbound only. */
  readonly replayWindow: number;
  /** Kernel lifetimes; the soft one asks for a rekey. Seconds and bytes. */
  readonly lifetime: {
    readonly softSeconds?: number;
    readonly hardSeconds?: number;
    readonly softBytes?: number;
    readonly hardBytes?: number;
  };
  readonly offload: "none" | "crypto" | "packet";
  /** Client that the SA belongs to: the data plane finds tunnel, interface id and request id by it. */
  readonly client: string;
  /** Inner traffic, as negotiated, as prefixes. `local` is the branch's side in both directions. */
  readonly selectors: { readonly local: readonly Prefix[]; readonly remote: readonly Prefix[] };
}

/** IANA "Encryption Algorithm" id; key as cut from KEYMAT, salt at its end. */
export interface EspEncryption {
  readonly id: number;
  readonly key: SecretBytes;
}

/** IANA "Integrity Algorithm" id. */
export interface EspIntegrity {
  readonly id: number;
  readonly key: SecretBytes;
}

/** linux/xfrm.h: struct xfrm_userpolicy_info with one template. */
export interface SecurityPolicy {
  readonly direction: "in" | "out" | "forward";
  readonly source: Prefix;
  readonly destination: Prefix;
  readonly priority: number;
  readonly ifId: number;
  readonly template: {
    readonly source: IpAddress;
    readonly destination: IpAddress;
    readonly mode: "tunnel" | "transport";
    readonly requestId: number;
    /** Pins outbound traffic to one SA, so that a rekey switches at one instant; 0 leaves the choice to the kernel. */
    readonly spi: number;
  };
}

/** A route of ours, marked with route protocol 186. `table` 254 is main. */
export interface Route {
  readonly destination: Prefix;
  readonly device?: string;
  readonly gateway?: IpAddress;
  /** Preferred source address of locally made packets. */
  readonly source?: IpAddress;
  readonly metric: number;
  readonly table: number;
  readonly kind: "unicast" | "unreachable" | "blackhole";
}

/** All of the nftables table `inet flexspoke`, replaced as one transaction. */
export interface Firewall {
  /**
   * Source NAT of what enters by `inside` and leaves by `tunnel`, to the tunnel's own address, which is the assigned one:
   * so the rule stands before there is an address and need not change with it.
   */
  readonly nat: readonly { readonly inside: readonly string[]; readonly tunnel: string }[];
  /** Traffic to `networks` that would leave by anything but `tunnels` is dropped and counted, daemon alive or not. */
  readonly killSwitch: readonly {
    readonly client: string;
    readonly networks: readonly Prefix[];
    /** Interfaces by which it may leave: the tunnels and the inside interfaces themselves. */
    readonly allowed: readonly string[];
    /**
     * Holds only what passes through, not what the router itself sends: while nobody knows the networks, a guess must not
     * cut the router off from a name server or a hub with a private address.
     */
    readonly forwardedOnly?: true;
  }[];
  /** TCP MSS of connections through `tunnel`, both directions, bytes. */
  readonly mss: readonly {
    readonly tunnel: string;
    readonly ipv4: number;
    readonly ipv6: number;
  }[];
}

export const emptyFirewall: Firewall = { nat: [], killSwitch: [], mss: [] };
