/** The section `dialers` of the configuration file. */
import * as z from "zod/mini";
import { hours, milliseconds, minutes, seconds } from "#lib/duration.ts";
import {
  duration,
  interfaceName,
  name,
  oneOf,
  secret,
  text,
  whole,
  wrongKind,
} from "./schema-scalars.ts";

/** A program and its arguments; no shell looks at it. */
const command = z
  .array(z.string({ error: wrongKind("a word of the command, in quotes where it is a number") }))
  .check(z.minLength(1));

/** pppd(8), `call`: not absolute, no `..` */
const peersFile = text("the name of a file in /etc/ppp/peers", (value) =>
  /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(value) && !value.includes("..")
    ? undefined
    : "not the name of a file in /etc/ppp/peers (letters, digits, - . _ /)",
);

/** One line of what the provider gave out: no control characters, and no leading hyphen or blank. */
const word = (wanted: string) =>
  text(wanted, (value) =>
    /^[^\s\p{Cc}-][^\p{Cc}]*$/u.test(value) ? undefined : `not usable here (${wanted})`,
  );

/** mmcli(1): what `--simple-connect` splits at must not be in it. */
const apn = text("an access point name such as internet", (value) =>
  /^[A-Za-z0-9.-]{1,100}$/.test(value)
    ? undefined
    : "not an access point name (letters, digits, hyphens and dots)",
);

const modem = text("any, or what `mmcli -m` takes: an index, a path, an identifier", (value) =>
  /^[A-Za-z0-9/][A-Za-z0-9/_.:-]*$/.test(value)
    ? undefined
    : "not a modem (any, or an index, a path or an identifier as `mmcli -L` shows it)",
);

const lineKinds = ["pppd", "pppoe", "modem-manager", "up"] as const;

/** One entry of `dialers`. */
export const dialer = z
  .strictObject({
    pppd: z.optional(z.strictObject({ peer: peersFile })),
    pppoe: z.optional(
      z.strictObject({
        interface: interfaceName,
        username: word("the user name as the provider gave it"),
        password: secret,
        service: z.optional(word("a PPPoE service name")),
        "access-concentrator": z.optional(word("the name of an access concentrator")),
      }),
    ),
    "modem-manager": z.optional(
      z
        .strictObject({
          modem: z._default(modem, "any"),
          apn: z.optional(apn),
          profile: z.optional(whole(0, 255)),
          bearer: z.optional(whole(0, 255)),
        })
        .check(
          z.check(({ value, issues }) => {
            if ((value.apn === undefined) === (value.profile === undefined))
              issues.push({
                code: "custom",
                input: value,
                message: "says not what to connect to (exactly one of apn and profile)",
              });
          }),
        ),
    ),
    up: z.optional(command),
    down: z.optional(command),
    interface: z.optional(interfaceName),
    demand: z.optional(
      z.union([z.literal("always"), z.strictObject({ track: name, state: oneOf(["up", "down"]) })]),
    ),
    idle: z._default(duration(milliseconds(0), hours(24)), "5m"),
    timeout: z._default(duration(seconds(1), hours(1)), "90s"),
    backoff: z.prefault(
      z.strictObject({
        initial: z._default(duration(milliseconds(100), minutes(10)), "5s"),
        max: z._default(duration(milliseconds(100), hours(24)), "5m"),
      }),
      {},
    ),
    reset: z.optional(command),
    metric: z.optional(whole(1, 0x7fff_ffff)),
  })
  .check(
    z.check(({ value, issues }) => {
      const fail = (message: string) => issues.push({ code: "custom", input: value, message });
      const given = lineKinds.filter((kind) => value[kind] !== undefined);
      if (given.length !== 1)
        fail("not one way to dial (exactly one of pppd, pppoe, modem-manager and up)");
      else if (value.down !== undefined && value.up === undefined)
        fail("down without up (both are programs of one line)");
      else if (value.up !== undefined && value.down === undefined && value.interface === undefined)
        fail("up alone says not when the line is up (give down, or interface)");
    }),
  );

export type FileDialer = z.output<typeof dialer>;
