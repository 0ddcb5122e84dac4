import { invariant } from "#lib/invariant.ts";
import { parseIpAddress } from "#lib/ip.ts";
import { unknownName } from "./complete.ts";
import { type CompleteSla, PACKET_INTERVAL } from "./complete-sla.ts";
import { durationOf } from "./duration-syntax.ts";
import { parseHost, parseHostPort, parseWebUrl } from "./host-syntax.ts";
import type { Problems } from "./problems.ts";
import type { ResolvedSla, SlaOperation } from "./resolved-sla.ts";
import type { Trustpoint } from "./trustpoint.ts";

/**
 * Operations as the daemon runs them.
 * @param trustpoints by name, those that could be loaded.
 * @returns what it could make; `problems` knows of the rest.
 */
export function resolveSla(
  complete: Readonly<Record<string, CompleteSla>>,
  known: readonly string[],
  trustpoints: ReadonlyMap<string, Trustpoint>,
  problems: Problems,
): Readonly<Record<string, ResolvedSla>> {
  const resolved: Record<string, ResolvedSla> = {};
  for (const [name, sla] of Object.entries(complete)) {
    const { trustpoint, "source-interface": sourceInterface } = sla;
    if (trustpoint !== undefined && !known.includes(trustpoint))
      problems.error(["sla", name, "trustpoint"], unknownName("trustpoint", known));
    resolved[name] = {
      name,
      operation: operationOf(sla, trustpoints.get(trustpoint ?? "")),
      ...(sourceInterface !== undefined && { sourceInterface }),
      frequency: durationOf(sla.frequency),
      timeout: durationOf(sla.timeout),
      threshold: durationOf(sla.threshold),
    };
  }
  return resolved;
}

function operationOf(sla: CompleteSla, trustpoint: Trustpoint | undefined): SlaOperation {
  const packets = sla.packets ?? 1;
  const interval = sla.interval === undefined ? PACKET_INTERVAL : durationOf(sla.interval);
  if (sla["icmp-echo"] !== undefined) {
    const host = parseHost(sla["icmp-echo"]);
    invariant(host, "hosts were checked");
    return { kind: "icmp-echo", host, packets, interval };
  }
  if (sla.dns !== undefined) {
    const server = parseIpAddress(sla.dns.server);
    invariant(server, "addresses were checked");
    return { kind: "dns", server, port: sla.dns.port, name: sla.dns.name, type: sla.dns.type };
  }
  if (sla.http !== undefined) {
    const url = parseWebUrl(sla.http);
    invariant(url, "URLs were checked");
    return { kind: "http", url: url.href, ...(trustpoint && { authorities: trustpoint.anchors }) };
  }
  const target = parseHostPort(sla["udp-echo"] ?? sla["tcp-connect"] ?? "");
  invariant(target, "an operation has a target");
  return sla["udp-echo"] === undefined
    ? { kind: "tcp-connect", ...target }
    : { kind: "udp-echo", ...target, packets, interval };
}
