/** The section `syslog` of a complete file becomes what the reporter works with. */
import { invariant } from "#lib/invariant.ts";
import type { Problems } from "./problems.ts";
import { refuseTls, resolveTls } from "./resolve-tls.ts";
import type { SlaHost } from "./resolved-sla.ts";
import type { ResolvedTls } from "./resolved-tls.ts";
import {
  type FileSyslog,
  parseLogServer,
  syslogFacilities,
  syslogSeverities,
} from "./schema-syslog.ts";
import type { SecretSource } from "./secret-source.ts";

/** The log server that the branch reports to. */
export interface ResolvedSyslog {
  readonly transport: "udp" | "tcp" | "tls";
  readonly host: SlaHost;
  readonly port: number;
  readonly tls?: ResolvedTls;
  readonly format: "ios" | "rfc5424";
  /** Number of the facility. */
  readonly facility: number;
  /** Number of the least severe message that is sent. */
  readonly severity: number;
}

/** @returns undefined when there is no such section, or after telling `problems` what is wrong with it. */
export function resolveSyslog(
  file: FileSyslog | undefined,
  source: SecretSource,
  problems: Problems,
): ResolvedSyslog | undefined {
  if (!file) return undefined;
  const server = parseLogServer(file.server);
  invariant(server, "addresses were checked");
  const isTls = server.transport === "tls";
  if (!isTls) refuseTls(file, ["syslog"], "a tls:// server has TLS", problems);
  const tls = isTls ? resolveTls(file, ["syslog"], source, problems) : undefined;
  return {
    ...server,
    ...(tls && { tls }),
    format: file.format,
    facility: syslogFacilities.indexOf(file.facility),
    severity: syslogSeverities.indexOf(file.severity),
  };
}
