/** The section `snmp` of the file: who may ask, and who is told. */
import * as z from "zod/mini";
import { parseHost } from "./host-syntax.ts";
import { parseListenEndpoint } from "./listen-syntax.ts";
import { name, oneOf, secret, text } from "./schema-scalars.ts";

/** Reads `udp://127.0.0.1:161`; undefined when it is no address with a port. */
export const parseSnmpListen = (value: string): ReturnType<typeof parseListenEndpoint> =>
  value.startsWith("udp://") ? parseListenEndpoint(value.slice("udp://".length)) : undefined;

/** Reads `udp://nms.example.net:162`; the port is 162 where none is given. Undefined when it is neither address nor name. */
export function parseTrapTarget(
  value: string,
): { readonly host: string; readonly port: number } | undefined {
  const match = /^udp:\/\/(?:\[([^\]]+)\]|([^:/]+))(?::(\d{1,5}))?$/.exec(value);
  const host = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3] ?? 162);
  return match && parseHost(host) && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

const listen = text("where to listen, such as udp://127.0.0.1:161", (value) =>
  parseSnmpListen(value) ? undefined : "not an address with port (udp://127.0.0.1:161)",
);

const target = text("who is told, such as udp://10.0.0.5:162", (value) =>
  parseTrapTarget(value)
    ? undefined
    : "not a host with port (udp://10.0.0.5:162, udp://nms.example.net:162)",
);

const line = text("one line of text", (value) =>
  /^[^\p{Cc}]{0,255}$/u.test(value) ? undefined : "not one line of at most 255 characters",
);

const user = z.strictObject({
  auth: z._default(oneOf(["sha256", "sha384", "sha512", "sha224", "sha"]), "sha256"),
  "auth-password": secret,
  priv: z._default(oneOf(["aes", "aes256", "aes256-cisco"]), "aes"),
  "priv-password": z.optional(secret),
});

/** The whole section. */
export const snmp = z.strictObject({
  listen: z._default(listen, "udp://127.0.0.1:161"),
  community: z.optional(secret),
  users: z._default(z.record(name, user), {}),
  traps: z._default(z.array(target), []),
  location: z._default(line, ""),
  contact: z._default(line, ""),
});

export type FileSnmp = z.output<typeof snmp>;
