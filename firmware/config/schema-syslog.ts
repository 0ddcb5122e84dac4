/** The section `syslog` of the configuration file. */
import * as z from "zod/mini";
import { parseHost } from "./host-syntax.ts";
import type { SlaHost } from "./resolved-sla.ts";
import { filePath, oneOf, secret, text, wrongKind } from "./schema-scalars.ts";

const forms = "udp://HOST[:PORT], tcp://HOST[:PORT] or tls://HOST[:PORT]";
const server = text(`a log server: ${forms}`, (value) =>
  parseLogServer(value) ? undefined : `not a log server's address (${forms})`,
);

/** By their numbers. RFC 5424 §6.2.1, table 1 */
export const syslogFacilities = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "audit",
  "alert",
  "clock",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
] as const;

/** Most severe first: their numbers. RFC 5424 §6.2.1, table 2 */
export const syslogSeverities = [
  "emergency",
  "alert",
  "critical",
  "error",
  "warning",
  "notice",
  "informational",
  "debug",
] as const;

/** Where log lines go, and how they look. IOS: logging host, logging trap, logging facility */
export const syslog = z.strictObject({
  server,
  format: z._default(oneOf(["ios", "rfc5424"]), "ios"),
  facility: z._default(oneOf(syslogFacilities), "local7"),
  severity: z._default(oneOf(syslogSeverities), "informational"),
  ca: z.optional(
    z.union([filePath, z.array(filePath).check(z.minLength(1))], {
      error: wrongKind("the path of a file, or a list of them"),
    }),
  ),
  certificate: z.optional(filePath),
  key: z.optional(secret),
});

export type FileSyslog = z.output<typeof syslog>;

/** Ports: RFC 5426 §3.3, IOS `logging host … transport tcp`, RFC 5425 §4.1 */
const ports = { udp: 514, tcp: 601, tls: 6514 } as const;

/** Reads a log server's URL; undefined when it is none. */
export function parseLogServer(
  value: string,
):
  | { readonly transport: keyof typeof ports; readonly host: SlaHost; readonly port: number }
  | undefined {
  const match = /^(udp|tcp|tls):\/\/(?:\[([^\]]+)\]|([^:/@[\]]+))(?::(\d{1,5}))?\/?$/.exec(value);
  const host = match && parseHost(match[2] ?? match[3] ?? "");
  const transport = match?.[1] as keyof typeof ports;
  const port = Number(match?.[4] ?? ports[transport]);
  return host && port >= 1 && port <= 65_535 ? { transport, host, port } : undefined;
}
