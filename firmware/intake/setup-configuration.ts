/**
 * What an appliance does that has no configuration: it is there for a browser on its LAN, and for nobody else. It makes no
 * tunnel, and hands out addresses only where it has a port that is not the WAN's: beside another DHCP server it would do harm.
 */

/** Where the page that says what is missing is, until there is a configuration. */
export const SETUP_ADDRESS = "192.168.77.1";

/** @param devices Ethernet devices of the machine, the built-in one first. */
export function setupConfiguration(devices: readonly string[]): string {
  const [only, ...others] = devices;
  const system =
    only === undefined || others.length > 0
      ? []
      : [
          "system:",
          "  lan:",
          `    devices: [ ${JSON.stringify(only)} ]`,
          `    address: ${SETUP_ADDRESS}/24`,
        ];
  return [`web: { listen: [ "${SETUP_ADDRESS}:80" ], tls: off }`, ...system, ""].join("\n");
}
