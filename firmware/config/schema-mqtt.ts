/** The section `mqtt` of the configuration file. */
import * as z from "zod/mini";
import { days, hours, seconds } from "#lib/duration.ts";
import { parseHost } from "./host-syntax.ts";
import {
  duration,
  filePath,
  flag,
  name,
  oneOf,
  secret,
  size,
  text,
  wrongKind,
} from "./schema-scalars.ts";

/** What a command may ask for. */
export const mqttActions = [
  "connect",
  "disconnect",
  "clear",
  "switch",
  "rekey",
  "rehearse",
  "diagnose",
  "track",
  "reload",
] as const;

const urlForms = "mqtt://HOST[:PORT] or mqtts://HOST[:PORT]";
const url = text(`a broker: ${urlForms}`, (value) =>
  parseBrokerUrl(value)
    ? undefined
    : `not a broker's address (${urlForms}; the user goes into username and password)`,
);

/** MQTT 5 §4.7: no wildcards, no NUL; a leading `$` is the broker's own. */
const topic = (wanted: string, pattern: RegExp) =>
  text(wanted, (value) => (pattern.test(value) ? undefined : `not usable here (${wanted})`));

const prefix = topic(
  "a topic such as flexspoke or sites/north: no +, #, $, blanks or empty levels",
  /^[^+#$/\s\p{Cc}]+(\/[^+#$/\s\p{Cc}]+)*$/u,
);
const clientId = topic(
  "one level of a topic, at most 64 characters: no /, +, #, $ or blanks",
  /^[^+#$/\s\p{Cc}]{1,64}$/u,
);
const username = text("the user name that the broker knows", (value) =>
  /^[^\p{Cc}]{1,256}$/u.test(value) ? undefined : "not usable as a user name (one line of text)",
);

/** Where to find the broker, and what the branch tells it. */
export const mqtt = z.strictObject({
  url,
  "client-id": z.optional(clientId),
  ca: z.optional(
    z.union([filePath, z.array(filePath).check(z.minLength(1))], {
      error: wrongKind("the path of a file, or a list of them"),
    }),
  ),
  certificate: z.optional(filePath),
  key: z.optional(secret),
  username: z.optional(username),
  password: z.optional(secret),
  via: z._default(name, "any"),
  prefix: z._default(prefix, "flexspoke"),
  keepalive: z._default(duration(seconds(2), hours(1)), "30s"),
  "metrics-interval": z._default(z.union([z.literal("off"), duration(seconds(1), days(1))]), "30s"),
  spool: z.prefault(z.strictObject({ max: z._default(size(64 * 1024), "8MiB") }), {}),
  "home-assistant": z._default(z.union([flag, z.strictObject({ prefix })]), false),
  commands: z._default(z.union([flag, z.array(oneOf(mqttActions))]), false),
});

export type FileMqtt = z.output<typeof mqtt>;

/** Reads a broker's URL; undefined when it is none. The port is 1883, with TLS 8883, where the URL names none. */
export function parseBrokerUrl(value: string):
  | {
      readonly host: NonNullable<ReturnType<typeof parseHost>>;
      readonly port: number;
      readonly isTls: boolean;
    }
  | undefined {
  const match = /^(mqtts?):\/\/(?:\[([^\]]+)\]|([^:/@[\]]+))(?::(\d{1,5}))?\/?$/.exec(value);
  const host = match && parseHost(match[2] ?? match[3] ?? "");
  const isTls = match?.[1] === "mqtts";
  const port = Number(match?.[4] ?? (isTls ? 8883 : 1883));
  return host && port >= 1 && port <= 65_535 ? { host, port, isTls } : undefined;
}
