import * as z from "zod/mini";
import { count, list, text, texts } from "./words.ts";

const seconds = z.number();

/** One of `ike`. */
export const ikeSa = z.object({
  client: text,
  session: count,
  state: text,
  "spi-initiator": text,
  "spi-responder": text,
  "is-initiator": z.boolean(),
  local: text,
  remote: text,
  "local-identity": text,
  "remote-identity": z.optional(text),
  encryption: z.optional(text),
  integrity: z.optional(text),
  prf: z.optional(text),
  "key-exchange": z.optional(text),
  authentication: z.optional(z.object({ local: text, remote: text })),
  provisional: z.optional(z.literal(true)),
  nat: z.object({ local: z.boolean(), remote: z.boolean() }),
  age: seconds,
  "rekey-in": z.optional(seconds),
  rekeys: count,
  children: list(z.object({ "spi-in": text, "spi-out": text, "key-exchange": z.optional(text) })),
  lifetime: z.optional(seconds),
  dpd: z.optional(z.object({ mode: text, interval: seconds, retry: seconds })),
  fragmentation: z.optional(z.object({ mtu: z.optional(count), agreed: z.boolean() })),
  "message-ids": z.optional(
    z.object({ request: count, next: count, expected: count, queued: count }),
  ),
  window: z.optional(z.object({ local: count, remote: count })),
  "peer-vendor": z.optional(z.literal("cisco")),
  assigned: z.optional(z.object({ ipv4: z.optional(text), ipv6: z.optional(text) })),
  subnets: z.optional(texts),
});

/** One of `ipsec`. */
export const ipsecSa = z.object({
  client: text,
  spi: text,
  direction: z.enum(["in", "out"]),
  source: text,
  destination: text,
  "udp-encapsulation": z.boolean(),
  mode: z.enum(["tunnel", "transport"]),
  encryption: text,
  integrity: z.optional(text),
  esn: z.boolean(),
  "replay-window": count,
  selectors: z.object({ local: texts, remote: texts }),
  bytes: count,
  packets: count,
  "replay-drops": count,
  "integrity-failures": count,
  age: seconds,
  lifetime: z.optional(z.object({ seconds: z.optional(seconds), bytes: z.optional(count) })),
});
