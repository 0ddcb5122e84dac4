/** The `sla` section of the file: probes and their times. IOS: ip sla */
import * as z from "zod/mini";
import { hours, milliseconds, minutes } from "#lib/duration.ts";
import { parseHost, parseHostPort, parseWebUrl } from "./host-syntax.ts";
import {
  dnsName,
  duration,
  interfaceName,
  ipAddress,
  name,
  oneOf,
  text,
  whole,
} from "./schema-scalars.ts";

/** The keys of which an operation has exactly one. */
const slaKinds = ["icmp-echo", "tcp-connect", "udp-echo", "dns", "http"] as const;

const host = text("an address or a name such as 203.0.113.1", (value) =>
  parseHost(value) ? undefined : "not an address or a DNS name (203.0.113.1, hub.example.net)",
);

const hostPort = text("an address or name with a port such as 10.0.0.10:443", (value) =>
  parseHostPort(value)
    ? undefined
    : "not an address or name with a port (10.0.0.10:443, [2001:db8::1]:443, hub.example.net:443)",
);

const url = text("a URL such as http://10.0.0.10/health", (value) =>
  parseWebUrl(value)
    ? undefined
    : "not a URL of http or https (http://10.0.0.10/health; no user, no password in it)",
);

const week = hours(7 * 24);

/** IOS: frequency 1..604800 s, timeout up to 604800000 ms, threshold up to 60000 ms. Ours go further down. */
export const slaSchema = z
  .strictObject({
    "icmp-echo": z.optional(host),
    "tcp-connect": z.optional(hostPort),
    "udp-echo": z.optional(hostPort),
    dns: z.optional(
      z.strictObject({
        server: ipAddress,
        name: dnsName,
        type: z._default(oneOf(["a", "aaaa"]), "a"),
        port: z._default(whole(1, 65_535), 53),
      }),
    ),
    http: z.optional(url),
    trustpoint: z.optional(name),
    packets: z.optional(whole(1, 1_000)),
    interval: z.optional(duration(milliseconds(1), minutes(1))),
    "source-interface": z.optional(interfaceName),
    frequency: z._default(duration(milliseconds(100), week), "60s"),
    timeout: z.optional(duration(milliseconds(10), week)),
    threshold: z.optional(duration(milliseconds(1), minutes(1))),
  })
  .check(
    z.check(({ value, issues }) => {
      const fail = (message: string) => issues.push({ code: "custom", input: value, message });
      const kinds = slaKinds.filter((kind) => value[kind] !== undefined);
      if (kinds.length !== 1)
        fail(`not an operation (exactly one of ${slaKinds.slice(0, -1).join(", ")} and http)`);
      else if (value.packets !== undefined && !["icmp-echo", "udp-echo"].includes(String(kinds[0])))
        fail(`packets with ${kinds[0]} (only icmp-echo and udp-echo send more than one)`);
      else if (value.interval !== undefined && (value.packets ?? 1) < 2)
        fail("interval without packets (packets: 10 sends so many, interval apart)");
      else if (value.trustpoint !== undefined && !value.http?.startsWith("https:"))
        fail("trustpoint without an https URL (it says whose certificates are trusted)");
    }),
  );

export type FileSla = z.output<typeof slaSchema>;
