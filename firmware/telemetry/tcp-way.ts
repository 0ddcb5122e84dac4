/**
 * The way to somebody who is told: any that the routing table has, or a client's tunnel and nothing else. Names are then
 * asked of the servers that the hub gave, through the same tunnel.
 */
import { Resolver } from "node:dns/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { SlaHost } from "#config/resolved-sla.ts";
import type { ResolvedTls } from "#config/resolved-tls.ts";
import { type IpAddress, ipFamily, parseIpAddress } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { ClientState, StateDocument } from "#state/document.ts";
import type { TiedTcp } from "./reporter.ts";

export interface FarEnd {
  readonly host: SlaHost;
  readonly port: number;
  readonly tls?: ResolvedTls;
}

/** A way that can be taken now. */
export type Way =
  | { readonly kind: "any" }
  | {
      readonly kind: "tunnel";
      readonly device: string;
      /** What the hub assigned; another one is another way. */
      readonly addresses: readonly IpAddress[];
      readonly dns: readonly IpAddress[];
    };

/** @returns a sentence when nothing may be sent now. @param via a client, or undefined for any way. */
export function wayTo(via: string | undefined, document: () => StateDocument): Result<Way, string> {
  if (via === undefined) return ok({ kind: "any" });
  const client = document().clients[via];
  if (client?.state !== "up") return failed(`client ${via} is ${client?.state ?? "not there"}`);
  return ok({
    kind: "tunnel",
    device: client.tunnel,
    addresses: assignedTo(client),
    dns: client.dns,
  });
}

function assignedTo({ assigned: { ipv4, ipv6 } }: ClientState): readonly IpAddress[] {
  const v6 = ipv6 && parseIpAddress(ipv6.split("/")[0] ?? "");
  return [...(ipv4 ? [ipv4] : []), ...(v6 ? [v6] : [])];
}

/** A connection on its way: its `connect` or `error` says what came of it. @returns the error of what failed at once. */
export async function openStream(
  to: FarEnd,
  way: Way,
  tie: TiedTcp,
): Promise<Result<Socket, NodeJS.ErrnoException>> {
  const opened = way.kind === "any" ? ok(connectAnyhow(to)) : await connectThrough(to, way, tie);
  if (!opened.ok) return opened;
  opened.value.setNoDelay(true);
  return ok(to.tls ? secure(opened.value, to.host, to.tls) : opened.value);
}

function connectAnyhow({ host, port }: FarEnd): Socket {
  return connectTcp({ host: host.kind === "name" ? host.name : host.address, port });
}

async function connectThrough(
  { host, port }: FarEnd,
  way: Extract<Way, { kind: "tunnel" }>,
  tie: TiedTcp,
): Promise<Result<Socket, NodeJS.ErrnoException>> {
  const address = host.kind === "address" ? ok(host.address) : await resolveThrough(host.name, way);
  if (!address.ok) return address;
  const tied = tie({ address: address.value, port }, way.device);
  return tied.ok ? tied : failed(errorOf(tied.error));
}

/** Asks the hub's name servers from the assigned address; the kill switch keeps the question out of the clear. */
async function resolveThrough(
  name: string,
  { addresses, dns }: Extract<Way, { kind: "tunnel" }>,
): Promise<Result<IpAddress, NodeJS.ErrnoException>> {
  if (dns.length === 0) return failed(errorOf("ENOTFOUND"));
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  const [v4, v6] = ([4, 6] as const).map((family) =>
    addresses.find((one) => ipFamily(one) === family),
  );
  resolver.setServers(dns);
  resolver.setLocalAddress(v4 ?? "0.0.0.0", v6 ?? "::0");
  const ask = (family: 4 | 6) => (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
  let fault: NodeJS.ErrnoException = errorOf("ENOTFOUND");
  for (const family of [...(v4 ? [4 as const] : []), ...(v6 ? [6 as const] : [])]) {
    try {
      const [first] = await ask(family);
      const address = parseIpAddress(first ?? "");
      if (address) return ok(address);
    } catch (error) {
      fault = error as NodeJS.ErrnoException;
    }
  }
  return failed(fault);
}

function secure(tcp: Socket, host: SlaHost, { authorities, own }: ResolvedTls): Socket {
  const options: ConnectionOptions & { allowPartialTrustChain?: boolean } = {
    socket: tcp,
    minVersion: "TLSv1.2",
    ...(host.kind === "name" ? { host: host.name, servername: host.name } : { host: host.address }),
    // An operator who gives one intermediate trusts exactly that.
    ...(authorities && { ca: authorities.map(toPem), allowPartialTrustChain: true }),
    ...(own && {
      cert: own.chain.map(toPem).join(""),
      key: own.key.export({ type: "pkcs8", format: "pem" }),
    }),
  };
  const stream = connectTls(options);
  // What happens to the connection below is told by the one above.
  tcp.on("error", (error) => stream.destroy(error));
  return stream;
}

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function errorOf(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
