import type { SlaHost, SlaOperation } from "#config/resolved-sla.ts";

/** Whom an operation asks, as the configuration writes it: `203.0.113.1`, `10.0.0.10:443`, `http://10.0.0.10/health`. */
export function targetText(operation: SlaOperation): string {
  switch (operation.kind) {
    case "icmp-echo":
      return hostText(operation.host);
    case "udp-echo":
    case "tcp-connect":
      return withPort(hostText(operation.host), operation.port);
    case "dns":
      return `${operation.name} at ${operation.server}`;
    case "http":
      return operation.url;
  }
}

/** The address or the name. */
export function hostText(host: SlaHost): string {
  return host.kind === "address" ? host.address : host.name;
}

const withPort = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
