/** Carries what the kernel refused to those whom it concerns. */
import type { DataPlaneFault } from "#dataplane/port.ts";
import { daemonSubject } from "#state/event.ts";
import type { Services } from "./services.ts";

/**
 * Faults of an SA go to IKE, those of a tunnel to its client, all others are events of the daemon.
 * @param lacks what the machine lacks, told by events of its own: a client makes no second event of it.
 */
export function reportFaults(
  services: Services,
  faults: readonly DataPlaneFault[],
  lacks: readonly DataPlaneFault[],
): void {
  for (const fault of faults) {
    if (fault.spi !== undefined && !fault.isNotice) {
      const { spi, code, what, remedy } = fault;
      services.giveIke({ kind: "sa-install-failed", spi, code, message: `${what}: ${remedy}` });
      continue;
    }
    const client = services.clientOfTunnel(fault.tunnel);
    if (client === undefined) {
      recordFault(services, fault);
      continue;
    }
    const isTold = !fault.isNotice && lacks.some(({ code }) => code === fault.code);
    const told = isTold ? { ...fault, isTold } : fault;
    services.giveFlexvpn({ kind: "dataplane-fault", client, fault: told });
  }
}

/**
 * Drops what only follows from a lack of permission: nothing of the machine's can be done without it, and one fault says
 * so. What concerns a client or an SA stays.
 * @param permission what the process lacks; undefined when nothing.
 */
export function withoutConsequences(
  faults: readonly DataPlaneFault[],
  permission: DataPlaneFault | undefined,
): readonly DataPlaneFault[] {
  if (permission === undefined) return faults;
  const { code, what } = permission;
  return faults.filter(
    (fault) =>
      fault.code !== code ||
      fault.what === what ||
      fault.tunnel !== undefined ||
      fault.spi !== undefined,
  );
}

/** Makes a fault of the machine an event. */
export function recordFault(services: Pick<Services, "events">, fault: DataPlaneFault): void {
  services.events.record({
    severity: fault.isNotice ? "notice" : "error",
    mnemonic: fault.isNotice ? "FLEXSPOKE-5-KERNEL_NOTICE" : "FLEXSPOKE-3-KERNEL_FAULT",
    message: `${fault.what}: ${fault.remedy}`,
    data: {
      "reason-code": fault.code,
      ...(fault.errno === undefined ? {} : { errno: fault.errno }),
    },
    subjects: [daemonSubject],
  });
}
