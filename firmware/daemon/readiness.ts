/** Makes the kernel ready for what the configuration needs, and says what it lacks. */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { ipFamily } from "#lib/ip.ts";
import { prepareForwarding } from "#linux/kernel/forwarding.ts";
import { readInterface } from "#linux/kernel/interfaces.ts";
import { prepareKernel } from "#linux/kernel/kernel-evidence.ts";
import { checkPermission } from "#linux/kernel/permission.ts";
import type { KernelUse } from "#linux/kernel/requirements.ts";

/** @returns every fault and notice, most important first; what could be mended by itself has been. */
export async function makeKernelReady(config: ResolvedConfig): Promise<readonly DataPlaneFault[]> {
  const permission = checkPermission();
  if (permission) return [permission];
  const { fault } = await prepareKernel(kernelUse(config));
  const { notices } = prepareForwarding(forwardingUse(config));
  return [...(fault ? [fault] : []), ...notices];
}

function kernelUse({ clients }: ResolvedConfig): KernelUse {
  const all = Object.values(clients);
  return {
    encryption: all.flatMap(({ connection }) =>
      connection.child.proposals.flatMap(({ encryption }) => encryption.map(({ id }) => id)),
    ),
    firewall: all.some(({ inside, killSwitch }) => inside.length > 0 || killSwitch),
    nat: all.some(({ inside, nat }) => inside.length > 0 && nat === "negotiated"),
    ipv6: all.some(({ connection, peers }) => connection.request.ipv6 || peers.some(isIpv6Peer)),
  };
}

function isIpv6Peer({ host }: ResolvedConfig["clients"][string]["peers"][number]): boolean {
  return host.kind === "address" ? ipFamily(host.address) === 6 : host.family === "ipv6";
}

function forwardingUse({ clients }: ResolvedConfig): Parameters<typeof prepareForwarding>[0] {
  const inside = Object.values(clients).flatMap((client) => client.inside);
  const addresses = inside.flatMap((name) => readInterface(name)?.addresses ?? []);
  return {
    inside,
    ipv6: addresses.some((address) => ipFamily(address) === 6),
    sources: Object.values(clients).flatMap(({ sources }) => sources.map((each) => each.interface)),
  };
}
