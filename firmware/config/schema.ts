/**
 * The configuration file as data. What is here is the contract with the operator: names are never changed, unknown keys
 * are errors, every default that needs no look at another part of the file stands here.
 */
import * as z from "zod/mini";
import { days, hours, milliseconds, minutes, seconds } from "#lib/duration.ts";
import { encryptionNames, integrityNames, keyExchangeNames, prfNames } from "./algorithms.ts";
import { client } from "./schema-client.ts";
import { dialer } from "./schema-dialer.ts";
import { mqtt } from "./schema-mqtt.ts";
import { prometheusSection } from "./schema-prometheus.ts";
import {
  algorithm,
  dnsName,
  duration,
  filePath,
  identity,
  identityPattern,
  interfaceName,
  isInterfaceAddress,
  name,
  oneOf,
  percent,
  secret,
  size,
  text,
  whole,
  wrongKind,
} from "./schema-scalars.ts";
import { slaSchema } from "./schema-sla.ts";
import { snmp } from "./schema-snmp.ts";
import { syslog } from "./schema-syslog.ts";
import { system } from "./schema-system.ts";
import { trackSection } from "./schema-track.ts";
import { webSection } from "./schema-web.ts";

z.config({ jitless: true });

const trustpoint = z.strictObject({
  ca: z.array(filePath).check(z.minLength(1)),
  certificate: z.optional(filePath),
  key: z.optional(secret),
});

/** Lists without a default follow from each other: see `complete.ts`. */
const ikeProposal = z.strictObject({
  encryption: z.optional(z.array(algorithm(encryptionNames)).check(z.minLength(1))),
  integrity: z.optional(z.array(algorithm(integrityNames)).check(z.minLength(1))),
  prf: z.optional(z.array(algorithm(prfNames)).check(z.minLength(1))),
  "key-exchange": z.optional(z.array(algorithm(keyExchangeNames)).check(z.minLength(1))),
});

const authentication = z.optional(oneOf(["psk", "certificate"]));

const ikeProfile = z.strictObject({
  proposals: z.optional(z.array(name).check(z.minLength(1))),
  local: z.prefault(
    z.strictObject({
      identity: z.optional(identity),
      authentication,
      psk: z.optional(secret),
      trustpoint: z.optional(name),
      "rsa-padding": z.optional(oneOf(["pkcs1", "pss"])),
    }),
    {},
  ),
  remote: z.prefault(
    z.strictObject({
      identity: z.optional(
        z.union([identityPattern, z.array(identityPattern).check(z.minLength(1))]),
      ),
      authentication,
      psk: z.optional(secret),
      trustpoint: z.optional(name),
    }),
    {},
  ),
  dpd: z.prefault(
    z.strictObject({
      mode: z._default(oneOf(["periodic", "on-demand", "off"]), "periodic"),
      interval: z._default(duration(seconds(1), hours(1)), "10s"),
      retry: z._default(duration(milliseconds(100), minutes(1)), "2s"),
    }),
    {},
  ),
  retransmit: z.prefault(
    z.strictObject({
      initial: z._default(duration(milliseconds(50), minutes(1)), "500ms"),
      factor: z._default(
        z.number({ error: wrongKind("a number from 1 to 5") }).check(z.gte(1), z.lte(5)),
        1.8,
      ),
      limit: z._default(whole(0, 50), 5),
      jitter: z._default(percent, "10%"),
    }),
    {},
  ),
  lifetime: z._default(duration(seconds(2), days(30)), "24h"),
  "nat-keepalive": z._default(duration(seconds(1), hours(1)), "20s"),
  fragmentation: z._default(
    z.union([z.literal(false), z.strictObject({ mtu: z._default(whole(576, 9000), 1280) })]),
    { mtu: 1280 },
  ),
  "config-exchange": z.prefault(
    z.strictObject({
      request: z._default(
        z.union([z.boolean(), z.array(oneOf(["ipv4", "ipv6"])).check(z.minLength(1))]),
        true,
      ),
    }),
    {},
  ),
});

const ipsecProfile = z.strictObject({
  encryption: z._default(z.array(algorithm(encryptionNames)).check(z.minLength(1)), [
    "aes-gcm-256",
    "aes-gcm-128",
    "aes-cbc-256",
  ]),
  integrity: z.optional(z.array(algorithm(integrityNames)).check(z.minLength(1))),
  pfs: z._default(z.array(algorithm(keyExchangeNames)), []),
  esn: z._default(oneOf(["prefer", "require", "off"]), "prefer"),
  lifetime: z.prefault(
    z.strictObject({
      time: z._default(duration(seconds(2), days(30)), "1h"),
      bytes: z._default(z.union([z.literal("off"), size(64 * 1024)]), "4500MiB"),
    }),
    {},
  ),
  "replay-window": z._default(whole(0, 4096), 512),
  offload: z._default(oneOf(["none", "crypto", "packet"]), "none"),
});

const tunnel = z.strictObject({
  mode: z._default(oneOf(["ipsec"]), "ipsec"),
  address: z._default(
    text("negotiated, or an address with prefix length such as 10.250.1.7/32", (value) =>
      value === "negotiated" || isInterfaceAddress(value)
        ? undefined
        : "not an address with prefix length (negotiated, or for example 10.250.1.7/32)",
    ),
    "negotiated",
  ),
  "ipsec-profile": z.optional(name),
  mtu: z._default(z.union([z.literal("auto"), whole(576, 9216)]), "auto"),
  "tcp-mss": z._default(z.union([z.literal("auto"), z.literal("off"), whole(216, 9176)]), "auto"),
});

/** The whole file. */
export const fileSchema = z.strictObject({
  hostname: z.optional(dnsName),
  pki: z.prefault(z.strictObject({ trustpoints: z._default(z.record(name, trustpoint), {}) }), {}),
  ikev2: z.prefault(
    z.strictObject({
      proposals: z._default(z.record(name, ikeProposal), {}),
      profiles: z._default(z.record(name, ikeProfile), {}),
    }),
    {},
  ),
  ipsec: z.prefault(z.strictObject({ profiles: z._default(z.record(name, ipsecProfile), {}) }), {}),
  tunnels: z._default(z.record(interfaceName, tunnel), {}),
  track: trackSection,
  sla: z._default(z.record(name, slaSchema), {}),
  clients: z._default(z.record(name, client), {}),
  dialers: z._default(z.record(name, dialer), {}),
  snmp: z.optional(snmp),
  "change-guard": z._default(
    z.union([
      z.literal("off"),
      z.strictObject({ within: z._default(duration(seconds(10), hours(24)), "3m") }),
    ]),
    { within: "3m" },
  ),
  mqtt: z.optional(mqtt),
  syslog: z.optional(syslog),
  web: webSection,
  prometheus: prometheusSection,
  system: z.optional(system),
});

/** The file as it was read, with the defaults that need no look at another part. */
export type FileConfig = z.output<typeof fileSchema>;
export type FileTrustpoint = z.output<typeof trustpoint>;
export type FileIkeProposal = z.output<typeof ikeProposal>;
export type FileIkeProfile = z.output<typeof ikeProfile>;
export type FileIpsecProfile = z.output<typeof ipsecProfile>;
export type FileTunnel = z.output<typeof tunnel>;
