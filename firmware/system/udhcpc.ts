/** The DHCP client of a WAN. What it is given is put in place by the image's script, so that it needs no daemon. */
import type { ResolvedWan } from "#config/resolved-system.ts";
import type { ServicePlan } from "./service-plan.ts";

/** @param hostname is told to the server, as option 12. */
export function udhcpc({ interface: name, metric }: ResolvedWan, hostname: string): ServicePlan {
  return {
    name: `udhcpc-${name}`,
    // Four tries two seconds apart, then again after five: a cable may be put in at any time.
    command: [
      "udhcpc",
      "-f",
      "-R",
      "-i",
      name,
      "-t",
      "4",
      "-T",
      "2",
      "-A",
      "5",
      "-x",
      `hostname:${hostname}`,
      "-s",
      "/usr/lib/flexspoke/dhcp-event",
    ],
    environment: { METRIC: String(metric) },
  };
}
