/** A client of the configuration file: IOS `crypto ikev2 client flexvpn NAME` in the file's words. */
import * as z from "zod/mini";
import { days, hours, milliseconds, minutes, seconds } from "#lib/duration.ts";
import {
  dnsName,
  duration,
  flag,
  interfaceName,
  ipAddress,
  name,
  oneOf,
  text,
  whole,
} from "./schema-scalars.ts";
import { reference } from "./schema-track.ts";
import { parseWindow } from "./window-syntax.ts";

const state = oneOf(["up", "down"]);

const peer = z
  .strictObject({
    seq: z.optional(whole(1, 1_000)),
    fqdn: z.optional(dnsName),
    address: z.optional(ipAddress),
    family: z.optional(oneOf(["ipv4", "ipv6", "dynamic"])),
    track: z.optional(reference),
    state: z.optional(state),
  })
  .check(
    z.check(({ value, issues }) => {
      const fail = (message: string) => issues.push({ code: "custom", input: value, message });
      if ((value.fqdn === undefined) === (value.address === undefined))
        fail("not a peer (exactly one of fqdn and address)");
      else if (value.family !== undefined && value.fqdn === undefined)
        fail("family without fqdn (an address has its own family)");
      else if (value.state !== undefined && value.track === undefined)
        fail("state without track (the state is that of a track object)");
    }),
  );

const source = z.strictObject({
  seq: z.optional(whole(1, 65_535)),
  interface: interfaceName,
  track: z.optional(reference),
});

const window = text("a time of day from and to, such as 02:00-04:00", (value) =>
  parseWindow(value) ? undefined : "not a time of day from and to (for example 02:00-04:00)",
);

const rehearsal = z.union([
  z.literal(false),
  z.strictObject({
    every: z._default(duration(minutes(1), days(30)), "24h"),
    window: z.optional(window),
  }),
]);

/** IOS: crypto ikev2 client flexvpn NAME */
export const client = z.strictObject({
  profile: z.optional(name),
  tunnel: z.optional(interfaceName),
  connect: z._default(
    z.union([
      oneOf(["auto", "manual"]),
      z.strictObject({ track: reference, state: z._default(state, "up") }),
    ]),
    "auto",
  ),
  peers: z.array(peer).check(z.minLength(1)),
  "peer-reactivate": z._default(flag, true),
  "downloaded-backups": z._default(oneOf(["after-static", "ignore"]), "after-static"),
  standby: z._default(oneOf(["off", "hot"]), "off"),
  source: z._default(z.array(source), []),
  "hold-down": z._default(duration(seconds(1), hours(24)), "30s"),
  rehearsal: z._default(rehearsal, false),
  "backup-group": z.optional(name),
  dialer: z.optional(name),
  inside: z._default(z.array(interfaceName), []),
  nat: z._default(oneOf(["negotiated", "off"]), "negotiated"),
  routes: z.prefault(
    z.strictObject({
      accept: z._default(flag, true),
      distance: z._default(whole(1, 255), 2),
    }),
    {},
  ),
  "kill-switch": z._default(flag, true),
  backoff: z.prefault(
    z.strictObject({
      initial: z._default(duration(milliseconds(100), minutes(10)), "1s"),
      max: z._default(duration(milliseconds(100), days(1)), "1m"),
    }),
    {},
  ),
});

export type FileClient = z.output<typeof client>;
