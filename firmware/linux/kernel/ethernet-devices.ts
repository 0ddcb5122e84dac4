/** The Ethernet ports of a machine, as sysfs shows them. Source: Documentation/ABI/testing/sysfs-class-net */
import { existsSync, readdirSync, readFileSync } from "node:fs";

const FOLDER = "/sys/class/net";
/** linux/if_arp.h: ARPHRD_ETHER */
const ARPHRD_ETHER = "1";

/** Names in the order of the kernel, without what software made. */
export function ethernetDevices(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => fact(name, "type") === ARPHRD_ETHER && existsSync(`${FOLDER}/${name}/device`))
    .sort((one, other) => Number(fact(one, "ifindex")) - Number(fact(other, "ifindex")));
}

/** An interface may go while it is looked at. */
function fact(name: string, what: string): string {
  try {
    return readFileSync(`${FOLDER}/${name}/${what}`, "utf8").trim();
  } catch {
    return "";
  }
}
