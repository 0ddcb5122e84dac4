/** The clock's service: asks NTP servers and sets the kernel's clock. Source: chrony.conf(5) */
import type { ResolvedTime } from "#config/resolved-system.ts";
import { SERVICE_FILES, type ServicePlan } from "./service-plan.ts";

/** Where no server is configured: a pool that anybody may ask. */
const POOL = "2.debian.pool.ntp.org";
const FOLDER = "/data/flexspoke/chrony";

/**
 * A clock that is far off is stepped at any time: a board without a battery begins anywhere.
 * @param device that the servers are asked through; undefined leaves it to the routing table.
 */
export function chrony({ ntp }: ResolvedTime, device: string | undefined): ServicePlan {
  const file = `${SERVICE_FILES}/chrony.conf`;
  const sources =
    ntp.length > 0
      ? ntp.map((server) => `server ${server} iburst`)
      : [`pool ${POOL} iburst maxsources 3`];
  const lines = [
    ...sources,
    ...(device === undefined ? [] : [`bindacqdevice ${device}`]),
    "makestep 1 -1",
    `driftfile ${FOLDER}/drift`,
    "bindcmdaddress /run/chrony/chronyd.sock",
    "cmdport 0",
    "port 0",
    "rtcsync",
  ];
  return {
    name: "chronyd",
    command: ["chronyd", "-d", "-u", "root", "-f", file],
    files: { [file]: { text: `${lines.join("\n")}\n`, mode: 0o644 } },
    folders: [FOLDER, "/run/chrony"],
  };
}
