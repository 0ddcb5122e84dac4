/** Gathers what the state document is made of at this instant. */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DataPlaneCounters } from "#dataplane/port.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import { readCounters } from "#linux/kernel/interface-traffic.ts";
import { clockState } from "#state/build-clock.ts";
import { buildDocument } from "#state/build-document.ts";
import { ikeCounters } from "#state/build-ike.ts";
import type { StateDocument } from "#state/document.ts";
import type { ConfigurationState } from "#state/document-configuration.ts";
import { formatTime } from "#state/event-log.ts";
import { interfaceMtu } from "./path-mtu.ts";
import type { Services } from "./services.ts";
import { version } from "./version.ts";

/** @param faults what the kernel lacks, each a sentence with a remedy. */
export function showState(
  services: Services,
  config: ResolvedConfig,
  counters: DataPlaneCounters,
  faults: readonly string[],
): StateDocument {
  const now = services.clock.now();
  return buildDocument({
    version,
    hostname: config.hostname,
    now,
    wallAt: (instant) => services.calendar.at(instant),
    startedAt: 0 as MonotonicMs,
    clients: services.flexvpn.views(),
    ike: services.ike.sessions(now),
    securityAssociations: services.kernel.securityAssociations,
    saCounters: counters.securityAssociations,
    desired: services.kernel.desired,
    tracks: services.track.views(),
    followers: followersOf(config),
    sla: services.sla.views(),
    dialers: services.dialers.states(now, services.calendar),
    interfaceTraffic: readCounters,
    interfaceMtu,
    configuration: configurationState(services),
    update: services.updates.state(),
    system: {
      memory: process.memoryUsage.rss(),
      faults,
      ike: ikeCounters(services.ike.counters),
      clock: clockState(services.time.view(now)),
      host: services.host.read(),
    },
  });
}

function configurationState({ guard, calendar }: Services): ConfigurationState {
  const { isKept, trial } = guard.engine.view();
  if (!trial) return { kept: isKept };
  const { by, lacking, needsConfirm, endsAt } = trial;
  const undoneAt = endsAt === undefined ? {} : { "undone-at": formatTime(calendar.at(endsAt)) };
  return { kept: isKept, trial: { by, lacking, "needs-confirm": needsConfirm, ...undoneAt } };
}

/** Clients by the track objects that they follow. */
function followersOf({ clients }: ResolvedConfig): ReadonlyMap<string, readonly string[]> {
  const followers = new Map<string, string[]>();
  for (const { name, connect, peers, sources } of Object.values(clients)) {
    const conditions = [connect, ...[...peers, ...sources].map(({ track }) => track)];
    const objects = conditions.flatMap((one) => (typeof one === "object" ? [one.object] : []));
    for (const object of new Set(objects))
      followers.set(object, [...(followers.get(object) ?? []), name]);
  }
  return followers;
}
