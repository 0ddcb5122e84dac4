/** What interfaces carried since they exist. Source: sysfs-class-net-statistics */
import { readFileSync } from "node:fs";

/** @returns undefined when there is no such interface. */
export function readTraffic(
  name: string,
): { readonly received: number; readonly sent: number } | undefined {
  try {
    const read = (counter: string) =>
      Number(readFileSync(`/sys/class/net/${name}/statistics/${counter}`, "utf8"));
    return { received: read("rx_bytes"), sent: read("tx_bytes") };
  } catch {
    // It may go while it is looked at.
    return undefined;
  }
}
