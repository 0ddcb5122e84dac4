/** The section `web` of the configuration file: the status page and the local API over TCP. */
import * as z from "zod/mini";
import { parseListenEndpoint } from "./listen-syntax.ts";
import { parsePasswordHash } from "./password-hash-syntax.ts";
import { dnsName, filePath, name, secret, text, wrongKind } from "./schema-scalars.ts";

const listen = text("an address with port such as 192.168.12.1:8080", (value) =>
  parseListenEndpoint(value)
    ? undefined
    : "not an address with port (192.168.12.1:8080, [fd00::1]:8080 or 127.0.0.1:8080)",
);

const passwordHash = text("what `flexspoke passwd` prints", (value) =>
  parsePasswordHash(value)
    ? undefined
    : "not a password hash of this program (`flexspoke passwd` makes one)",
);

const tlsForms = "off, { self-signed: true } or { certificate: FILE, key: { file: FILE } }";
/** Left out, LAN addresses have it self-signed and loopback addresses do without. */
const tls = z.optional(
  z.union(
    [
      z.literal(["off", false]),
      z.strictObject({
        "self-signed": z.optional(z.literal(true, { error: wrongKind("true, or leave it out") })),
        certificate: z.optional(filePath),
        key: z.optional(secret),
      }),
    ],
    { error: wrongKind(tlsForms) },
  ),
);

/** The section, with its defaults. */
export const webSection = z.prefault(
  z.strictObject({
    listen: z._default(z.array(listen), ["127.0.0.1:8080"]),
    /** What else the page is called than the host name: requests that name another are refused. */
    names: z._default(z.array(dnsName), []),
    tls,
    users: z._default(z.record(name, z.strictObject({ "password-hash": passwordHash })), {}),
  }),
  {},
);

export type FileWeb = z.output<typeof webSection>;
