/** Carries what the kernel refused to those whom it concerns. */
import type { DataPlaneFault } from "#dataplane/port.ts";
import { daemonSubject } from "#state/event.ts";
import type { Services } from "./services.ts";

/** Faults of an SA go to IKE, those of a tunnel to its client, all others are events of the daemon. */
export function reportFaults(services: Services, faults: readonly DataPlaneFault[]): void {
  for (const fault of faults) {
    if (fault.spi !== undefined && !fault.isNotice) {
      const { spi, code, what, remedy } = fault;
      services.giveIke({ kind: "sa-install-failed", spi, code, message: `${what}: ${remedy}` });
      continue;
    }
    const client = services.clientOfTunnel(fault.tunnel);
    if (client !== undefined) services.giveFlexvpn({ kind: "dataplane-fault", client, fault });
    else recordFault(services, fault);
  }
}

/** Makes a fault of the machine an event. */
export function recordFault(services: Pick<Services, "events">, fault: DataPlaneFault): void {
  services.events.record({
    severity: fault.isNotice ? "notice" : "error",
    mnemonic: fault.isNotice ? "FLEXSPOKE-5-KERNEL_NOTICE" : "FLEXSPOKE-3-KERNEL_FAULT",
    message: `${fault.what}: ${fault.remedy}`,
    data: { code: fault.code, ...(fault.errno === undefined ? {} : { errno: fault.errno }) },
    subjects: [daemonSubject],
  });
}
