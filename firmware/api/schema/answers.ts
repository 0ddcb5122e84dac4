/** The schemas of what the calls answer: the contract that `openapi.json` prints and the tests hold every answer to. */
import * as z from "zod/mini";
import { client, configuration, dialer, route, system, tunnel } from "./client.ts";
import { ikeSa, ipsecSa } from "./security.ts";
import { update } from "./update.ts";
import { sla, slaDetail, track } from "./watching.ts";
import { byName, count, list, text, texts, time } from "./words.ts";

const state = z.object({
  version: text,
  hostname: text,
  uptime: z.number(),
  clients: byName(client),
  ike: list(ikeSa),
  ipsec: list(ipsecSa),
  tunnels: byName(tunnel),
  track: byName(track),
  sla: byName(sla),
  dialers: byName(dialer),
  routes: list(route),
  configuration: z.optional(configuration),
  update: z.optional(update),
  system,
});

const event = z.object({
  id: count,
  time,
  uptime: z.number(),
  severity: z.enum([
    "emergency",
    "alert",
    "critical",
    "error",
    "warning",
    "notice",
    "informational",
    "debug",
  ]),
  mnemonic: text,
  client: z.optional(text),
  peer: z.optional(text),
  message: text,
  data: z.record(z.string(), z.unknown()),
});

const diagnosis = z.object({
  client: text,
  at: time,
  healthy: z.boolean(),
  summary: text,
  findings: list(
    z.object({
      code: text,
      certainty: z.enum(["certain", "likely", "possible"]),
      when: z.enum(["now", "last"]),
      explanation: text,
      remedy: text,
      evidence: list(
        z.object({
          kind: text,
          text,
          event: z.optional(count),
          comparison: z.optional(z.object({ ours: texts, theirs: texts })),
        }),
      ),
    }),
  ),
});

/** Every schema by the name that it has in the document. */
export const answers = {
  State: state,
  Client: client,
  IkeSa: ikeSa,
  IpsecSa: ipsecSa,
  Tunnel: tunnel,
  TrackObject: track,
  Sla: sla,
  SlaDetail: slaDetail,
  Dialer: dialer,
  Route: route,
  System: system,
  Configuration: configuration,
  Update: update,
  Event: event,
  Events: list(event),
  Diagnosis: diagnosis,
  /** An action was begun; the event says so. */
  Accepted: z.object({ event: count }),
  /** Who is logged in; null where nobody needs to be to read. */
  Session: z.object({ user: z.nullable(text) }),
  Fault: z.object({
    error: z.object({
      code: text,
      message: text,
      known: z.optional(texts),
      errors: z.optional(texts),
    }),
  }),
} as const;
