import * as z from "zod/mini";
import { clientStatuses } from "#state/document.ts";
import { clock, host } from "./host.ts";
import { byName, count, list, text, texts, time } from "./words.ts";

const way = { seq: count, host: text, source: z.optional(text) };

/** One of `clients`. */
export const client = z.object({
  state: z.enum(clientStatuses),
  since: time,
  peer: z.optional(z.object({ seq: count, host: text, address: z.optional(text) })),
  source: z.optional(text),
  tunnel: text,
  assigned: z.object({ ipv4: z.optional(text), ipv6: z.optional(text) }),
  reason: text,
  "reason-code": z.optional(text),
  attempts: count,
  "next-retry": z.optional(time),
  "backup-group": z.optional(text),
  networks: texts,
  dns: texts,
  peers: list(
    z.object({
      seq: count,
      host: text,
      origin: z.enum(["static", "downloaded", "redirected"]),
      held: z.optional(text),
      "last-failure": z.optional(text),
    }),
  ),
  standby: z.optional(
    z.object({ ...way, address: z.optional(text), state: z.enum(["ready", "connecting"]) }),
  ),
  rehearsal: z.object({
    running: z.boolean(),
    results: list(
      z.object({
        ...way,
        works: z.boolean(),
        reason: z.optional(text),
        at: time,
        milliseconds: z.number(),
      }),
    ),
  }),
});

/** One of `tunnels`. */
export const tunnel = z.object({
  client: z.optional(text),
  state: z.enum(["up", "down"]),
  mtu: count,
  "path-mtu": z.optional(count),
  addresses: texts,
  traffic: z.optional(
    z.object({
      "bytes-in": count,
      "bytes-out": count,
      "errors-in": count,
      "errors-out": count,
    }),
  ),
});

/** One of `dialers`. */
export const dialer = z.object({
  state: z.enum(["idle", "dialing", "connected", "hanging-up", "backoff", "resetting"]),
  since: time,
  kind: text,
  interface: z.optional(text),
  reason: text,
  "reason-code": z.optional(text),
  "demanded-by": texts,
  addresses: texts,
  dns: texts,
  "connected-since": z.optional(time),
  "next-attempt": z.optional(time),
  "hang-up-at": z.optional(time),
  attempts: count,
  failures: count,
  "failures-in-a-row": count,
  connections: count,
  resets: count,
  "seconds-connected": z.number(),
  "last-failure": z.optional(z.object({ reason: text, code: z.optional(text), time })),
  traffic: z.optional(z.object({ received: count, sent: count })),
});

/** One of `routes`. */
export const route = z.object({
  destination: text,
  device: z.optional(text),
  gateway: z.optional(text),
  metric: count,
  client: text,
});

/** `system` */
export const system = z.object({
  memory: count,
  faults: texts,
  clock: z.optional(clock),
  host: z.optional(host),
  ike: z.optional(
    z.object({
      exchanges: byName(z.object({ sent: count, received: count })),
      "datagrams-in": count,
      "datagrams-out": count,
      retransmissions: count,
      "repeated-requests": count,
      "fragments-in": count,
      "fragments-out": count,
      "decode-errors": count,
      "unknown-spi": count,
      "integrity-failures": count,
      "unexpected-messages": count,
      "unprotected-notifies": count,
      "nat-keepalives": count,
      "liveness-checks": count,
      "ike-rekeys": count,
      "child-rekeys": count,
      "sessions-up": count,
      "sessions-failed": count,
    }),
  ),
});

/** `configuration` */
export const configuration = z.object({
  kept: z.boolean(),
  trial: z.optional(
    z.object({
      by: text,
      lacking: texts,
      "needs-confirm": z.boolean(),
      "undone-at": z.optional(time),
    }),
  ),
});
