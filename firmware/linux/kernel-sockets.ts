/** The netlink sockets of the driver: two for requests, two that only listen. Knows what they listen to, not what for. */
import type { DataPlaneFault } from "#dataplane/port.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { socketFault } from "./kernel-fault.ts";
import type { NetlinkMessage } from "./netlink/codec.ts";
import { family, NetlinkSocket } from "./netlink/socket.ts";
import { group as routeGroup } from "./route/uapi.ts";
import { group as xfrmGroup } from "./xfrm/uapi.ts";

export interface KernelSockets {
  readonly route: NetlinkSocket;
  readonly xfrm: NetlinkSocket;
  /** Index of the device that does the whole packet for an outbound SA, by SPI: policies that choose it must name it too. */
  readonly packetOffload: Map<number, number>;
  close(): void;
}

export interface KernelListener {
  readonly route: (message: NetlinkMessage) => void;
  readonly xfrm: (message: NetlinkMessage) => void;
  /** Messages were lost: what they said must be read anew. */
  readonly overflow: () => void;
}

/** Opens all four; a fault says which could not be, and leaves none open. */
export function openKernelSockets(listener: KernelListener): Result<KernelSockets, DataPlaneFault> {
  const opened: NetlinkSocket[] = [];
  const close = () => {
    for (const socket of opened) socket.close();
  };
  for (const protocol of [family.route, family.xfrm, family.route, family.xfrm]) {
    const socket = NetlinkSocket.open(protocol);
    if (!socket.ok) {
      close();
      return failed(socketFault("open a netlink socket", socket.error));
    }
    opened.push(socket.value);
  }
  const [route, xfrm, routeMonitor, xfrmMonitor] = opened as [
    NetlinkSocket,
    NetlinkSocket,
    NetlinkSocket,
    NetlinkSocket,
  ];
  const { overflow } = listener;
  const refused = [
    ...routeMonitor.subscribe(Object.values(routeGroup), { message: listener.route, overflow }),
    ...xfrmMonitor.subscribe(Object.values(xfrmGroup), { message: listener.xfrm, overflow }),
  ];
  if (refused.length > 0) {
    close();
    return failed(socketFault("listen to the kernel's notifications", { errno: "EPERM" }));
  }
  return ok({ route, xfrm, packetOffload: new Map(), close });
}
