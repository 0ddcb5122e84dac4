/** Remote shell for those whose public key is configured; nobody gets in by a password. Source: dropbear(8) */
import type { ServicePlan } from "./service-plan.ts";

const HOST_KEYS = "/data/flexspoke/ssh";
/** Makes the device's own key when it is not there yet: dropbear does so only in one place, which is read-only here. */
const PROGRAM = "/usr/lib/flexspoke/ssh-server";
/** Home of root, in memory. */
const KEYS = "/run/root/.ssh/authorized_keys";

/** @param authorizedKeys lines as of sshd's authorized_keys. */
export function dropbear(authorizedKeys: readonly string[]): ServicePlan {
  return {
    name: "dropbear",
    command: [PROGRAM, `${HOST_KEYS}/host-ed25519`],
    files: { [KEYS]: { text: `${authorizedKeys.join("\n")}\n`, mode: 0o600 } },
    folders: [HOST_KEYS],
  };
}
