/** Remote shell for those whose public key is configured; nobody gets in by a password. Source: dropbear(8) */
import type { ServicePlan } from "./service-plan.ts";

const HOST_KEYS = "/data/flexspoke/ssh";
/** Home of root, in memory. */
const KEYS = "/run/root/.ssh/authorized_keys";

/** @param authorizedKeys lines as of sshd's authorized_keys. */
export function dropbear(authorizedKeys: readonly string[]): ServicePlan {
  return {
    name: "dropbear",
    // Its own key is made when somebody comes for the first time, and kept.
    command: [
      "dropbear",
      "-F",
      "-E",
      "-R",
      "-s",
      "-j",
      "-k",
      "-r",
      `${HOST_KEYS}/host-ed25519`,
      "-P",
      "/run/dropbear.pid",
    ],
    files: { [KEYS]: { text: `${authorizedKeys.join("\n")}\n`, mode: 0o600 } },
    folders: [HOST_KEYS],
  };
}
