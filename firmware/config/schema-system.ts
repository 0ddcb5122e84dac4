/** The section `system` of the file: what the appliance itself is, beside the tunnels. Source: interfaces.md §3 */
import * as z from "zod/mini";
import { hours, minutes } from "#lib/duration.ts";
import { parseHost } from "./host-syntax.ts";
import {
  dnsName,
  duration,
  flag,
  interfaceName,
  ipAddress,
  isInterfaceAddress,
  name,
  text,
} from "./schema-scalars.ts";

const device = text(
  "the name of an Ethernet device, or its address such as dc:a6:32:01:02:03",
  (value) =>
    /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value) || /^[^\s/:]{1,15}$/.test(value)
      ? undefined
      : "neither the name of a device (eth0) nor an Ethernet address (dc:a6:32:01:02:03)",
);

const wanAddress = text("dhcp, or an address with prefix length such as 203.0.113.2/30", (value) =>
  value === "dhcp" || isInterfaceAddress(value)
    ? undefined
    : "neither dhcp nor an address with prefix length (203.0.113.2/30)",
);

const lanAddress = text("an address with prefix length such as 192.168.12.1/24", (value) =>
  isInterfaceAddress(value) ? undefined : "not an address with prefix length (192.168.12.1/24)",
);

const timeServer = text("the name or address of an NTP server", (value) =>
  parseHost(value) ? undefined : "neither an address nor a DNS name",
);

const authorizedKey = text("a line of authorized_keys: ssh-ed25519 AAAA… comment", (value) =>
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+=*( [^\p{Cc}]*)?$/u.test(
    value,
  )
    ? undefined
    : "not a public key (ssh-ed25519 AAAA… comment, as in ~/.ssh/id_ed25519.pub)",
);

const wan = z.strictObject({
  interface: interfaceName,
  device: z.optional(device),
  address: z.optional(wanAddress),
  gateway: z.optional(ipAddress),
  dns: z._default(z.array(ipAddress), []),
  dialer: z.optional(name),
});

const lan = z.strictObject({
  interface: z._default(interfaceName, "br-lan"),
  devices: z._default(z.array(device), []),
  address: lanAddress,
  dhcp: z.optional(
    z.strictObject({
      from: ipAddress,
      to: ipAddress,
      lease: z._default(duration(minutes(2), hours(24 * 30)), "12h"),
      domain: z.optional(dnsName),
    }),
  ),
  internet: z._default(flag, false),
});

/** The whole section. */
export const system = z.strictObject({
  hostname: z.optional(name),
  wan: z._default(z.array(wan), []),
  lan: z.optional(lan),
  time: z.prefault(
    z.strictObject({ ntp: z._default(z.array(timeServer), []), via: z._default(name, "any") }),
    {},
  ),
  ssh: z.prefault(
    z.strictObject({
      enabled: z._default(flag, false),
      "authorized-keys": z._default(z.array(authorizedKey), []),
    }),
    {},
  ),
});

export type FileSystem = z.output<typeof system>;
