/**
 * What a refusal of the kernel means to an operator: a stable code, and what to do. Source: errno values of
 * net/xfrm/xfrm_user.c, net/core/rtnetlink.c and crypto/algapi.c as they were seen.
 */
import type { Change } from "#dataplane/change.ts";
import type { SecurityAssociation } from "#dataplane/desired.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { ipFamily } from "#lib/ip.ts";
import type { NetlinkFault } from "./netlink/socket.ts";
import { ciphers, integrities } from "./xfrm/algorithms.ts";

const NO_PERMISSION = "run the daemon as root, or give it CAP_NET_ADMIN";

/** The fault of a change that the kernel refused. */
export function changeFault(change: Change, fault: NetlinkFault): DataPlaneFault {
  return {
    ...verdict(change, fault.errno),
    what: `could not ${describe(change)}${fault.text ? ` (kernel: ${fault.text})` : ""}`,
    errno: fault.errno,
    ...("sa" in change && { spi: change.sa.spi }),
    ...tunnelOf(change),
  };
}

/** The fault of a socket that could not be opened, or of a dump that failed. */
export function socketFault(what: string, fault: NetlinkFault): DataPlaneFault {
  const detail = { what: `could not ${what}`, errno: fault.errno };
  if (isPermission(fault.errno))
    return { ...detail, code: "kernel.permission", remedy: NO_PERMISSION };
  if (fault.errno === "EPROTONOSUPPORT")
    return { ...detail, code: "kernel.module-missing", remedy: "load the kernel module xfrm_user" };
  return { ...detail, code: "kernel.rejected", remedy: "see the kernel's log for the reason" };
}

/** One phrase for a person: "add the inbound SA 0xc0ffee01 of client hq". */
export function describe(change: Change): string {
  switch (change.kind) {
    case "add-tunnel":
      return `create the xfrm interface ${change.tunnel.name}`;
    case "change-tunnel":
      return `change the xfrm interface ${change.tunnel.name}`;
    case "remove-tunnel":
      return `remove the xfrm interface ${change.tunnel.name}`;
    case "add-address":
      return `give ${change.tunnel} the address ${change.address}`;
    case "remove-address":
      return `take the address ${change.address} from ${change.tunnel}`;
    case "add-sa":
      return `add the ${saName(change.sa)}`;
    case "update-sa":
      return `update the ${saName(change.sa)}`;
    case "move-sa":
      return `move the ${saName(change.sa)}`;
    case "remove-sa":
      return `remove the ${saName(change.sa)}`;
    case "set-policy":
    case "remove-policy": {
      const { direction, source, destination } = change.policy;
      const verb = change.kind === "set-policy" ? "set" : "remove";
      return `${verb} the ${direction} policy ${source} to ${destination}`;
    }
    case "set-route":
      return `set the route to ${change.route.destination}${via(change.route.device)}`;
    case "remove-route":
      return `remove the route to ${change.route.destination}${via(change.route.device)}`;
    case "set-firewall":
      return "set the firewall";
  }
}

function verdict(change: Change, errno: string): Pick<DataPlaneFault, "code" | "remedy"> {
  if (isPermission(errno)) return { code: "kernel.permission", remedy: NO_PERMISSION };
  const module = missingModule(change, errno);
  if (module)
    return { code: "kernel.module-missing", remedy: `load the kernel module ${module} (modprobe)` };
  if (errno === "EEXIST") return { code: "kernel.conflict", remedy: conflictRemedy(change) };
  if (errno === "ENODEV")
    return {
      code: "kernel.interface-missing",
      remedy: "create the interface, or correct its name",
    };
  if (errno === "ENOBUFS")
    return { code: "kernel.overflow", remedy: "raise net.core.rmem_max; it is tried again" };
  return {
    code: "kernel.rejected",
    remedy: `check that the kernel supports it; \`flexspoke debug kernel\` shows the request`,
  };
}

function conflictRemedy(change: Change): string {
  switch (change.kind) {
    case "add-tunnel":
      return `rename the tunnel, or remove the interface ${change.tunnel.name} that something else made`;
    case "set-route":
      return "change `routes.distance`: something else has a route with this destination and metric";
    default:
      return "remove the entry that something else made with the same name";
  }
}

/** The module that an answer points to, where it does. */
function missingModule(change: Change, errno: string): string | undefined {
  if ("tunnel" in change && typeof change.tunnel !== "string")
    return errno === "EOPNOTSUPP" || errno === "ENOTSUPP" ? "xfrm_interface" : undefined;
  if (!("sa" in change)) return undefined;
  const { sa } = change;
  // xfrm_init_state without a type for ESP, or without the mode, in this family.
  if (errno === "EPROTONOSUPPORT") return ipFamily(sa.destination.address) === 4 ? "esp4" : "esp6";
  if (errno !== "ENOENT" && errno !== "ENOSYS") return undefined;
  const modules = [
    ciphers[sa.encryption.id]?.module,
    sa.integrity && integrities[sa.integrity.id]?.module,
  ];
  return modules.filter((name) => name !== undefined).join(" and ");
}

function tunnelOf(change: Change): { tunnel?: string } {
  if ("tunnel" in change)
    return { tunnel: typeof change.tunnel === "string" ? change.tunnel : change.tunnel.name };
  if ("route" in change && change.route.device) return { tunnel: change.route.device };
  return {};
}

function saName(sa: SecurityAssociation): string {
  const spi = sa.spi.toString(16).padStart(8, "0");
  return `${sa.direction === "in" ? "inbound" : "outbound"} SA 0x${spi} of client ${sa.client}`;
}

function via(device: string | undefined): string {
  return device ? ` through ${device}` : "";
}

function isPermission(errno: string): boolean {
  return errno === "EPERM" || errno === "EACCES";
}
