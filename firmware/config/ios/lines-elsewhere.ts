/** Known lines that are no part of a FlexVPN client: each family with its reason. */
import { type KnownLine, reasons, without } from "./known-line.ts";

/** Beginnings of commands, by why they are left out. Each may begin a section. */
const families: readonly (readonly [reason: string, beginnings: string])[] = [
  [
    reasons.system,
    "version|service|boot|boot-start-marker|boot-end-marker|license|platform|clock|ntp|memory|memory-size|hw-module|card|subslot|diagnostic|redundancy|spanning-tree|vlan|vtp|bridge|lldp|cdp|udld|switch|diagnostic|multilink|call-home|file|archive|config-register|warm-reboot|exception|process|scheduler|buffers|parser|alias|macro|menu|default|monitor|mmi|fhrp|standby|ethernet|l2vpn|pseudowire|bba-group|vpdn|vpdn-group|modemcap|chat-script|gateway|dial-peer|voice|voice-card|telephony-service|sip-ua|iox|app-hosting|guestshell|facility-alarm|upgrade|errdisable|lacp|network-clock|transceiver|sdm|system|power|environment|snmp|netconf|netconf-yang|restconf|yang-interfaces|telemetry|control-plane|no-banner",
  ],
  [
    reasons.access,
    "aaa|username|enable|line|banner|privilege|login|tacacs|tacacs-server|radius|radius-server|security|secure|password|ldap|dot1x|eap|identity",
  ],
  [
    reasons.routing,
    "router|key chain|key|ip prefix-list|ipv6 router|ipv6 prefix-list|mpls|ip multicast-routing|ip pim|ip as-path|ip community-list|ip extcommunity-list|bfd|bfd-template",
  ],
  [
    reasons.firewall,
    "access-list|ip access-list|ipv6 access-list|object-group|route-map|class-map|policy-map|zone|zone-pair|parameter-map|ip inspect|ip ips|ip http access-class|flow|flow record|flow exporter|flow monitor|dialer-list",
  ],
  [
    "telling others is set up in mqtt, syslog, snmp and prometheus of the file",
    "logging|snmp-server|event",
  ],
  [reasons.vrf, "vrf|ip vrf|ip local policy"],
  [
    "DHCP and DNS for the branch are the system's own",
    "ip dhcp|ipv6 dhcp|ip dns|ip name-server|ip domain|ip domain-name|ip domain-lookup|ip host|ip domain-list",
  ],
  [
    reasons.system,
    "ip cef|ipv6 cef|ip routing|ipv6 unicast-routing|ip classless|ip subnet-zero|ip forward-protocol|ip http|ip ssh|ip scp|ip tftp|ip ftp|ip finger|ip source-route|ip bootp|ip gratuitous-arps|ip options|ip icmp|ip tcp|ip radius|ip tacacs|ip flow|ip flow-export|ip ddns|ip default-gateway|ip default-network|ip local|ip rcmd|ip telnet|ip identd|ip admission|ip multicast|ip nbar|ip rsvp|ip virtual-reassembly|ip unreachables|subscriber|arp|template|device-tracking|device-sensor|dot11|wlan|ap|cellular|virtual-template|dialer",
  ],
];

/** Rows at the top that begin sections without an equivalent; the longest beginning that fits is meant. */
export const elsewhereLines: readonly KnownLine[] = families.flatMap(([reason, beginnings]) =>
  beginnings
    .split("|")
    .map((beginning) => without(`${beginning} [<rest:rest>]`, reason, "elsewhere")),
);

/** The beginnings by their reasons, for the manual. */
export const elsewhereFamilies = families;
