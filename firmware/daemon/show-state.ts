/** Gathers what the state document is made of at this instant. */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DataPlaneCounters } from "#dataplane/port.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import { buildDocument } from "#state/build-document.ts";
import type { StateDocument } from "#state/document.ts";
import type { Services } from "./services.ts";
import { version } from "./version.ts";

/** @param faults what the kernel lacks, each a sentence with a remedy. */
export function showState(
  services: Services,
  { hostname }: ResolvedConfig,
  counters: DataPlaneCounters,
  faults: readonly string[],
): StateDocument {
  const now = services.clock.now();
  return buildDocument({
    version,
    hostname,
    now,
    wallAt: (instant) => services.calendar.at(instant),
    startedAt: 0 as MonotonicMs,
    clients: services.flexvpn.views(),
    ike: services.ike.sessions(now),
    securityAssociations: services.kernel.securityAssociations,
    saCounters: counters.securityAssociations,
    desired: services.kernel.desired,
    tracks: services.track.views(),
    system: { memory: process.memoryUsage.rss(), faults },
  });
}
