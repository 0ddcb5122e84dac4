/** Requests for an interface that leads out of the branch, and what the kernel refused of them. Source: rtnetlink(7) */
import type { Route } from "#dataplane/desired.ts";
import type { IpAddress, IpFamily, Prefix } from "#lib/ip.ts";
import type { NetlinkRequest } from "../netlink/codec.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";
import { MAIN_TABLE } from "./uapi.ts";

/** The default route by a device. @param gateway absent where the device has one peer only. */
export function defaultRoute(
  device: string,
  of: IpFamily,
  gateway: IpAddress | undefined,
  metric: number,
): Route {
  return {
    destination: (of === 4 ? "0.0.0.0/0" : "::/0") as string as Prefix,
    device,
    ...(gateway === undefined ? {} : { gateway }),
    metric,
    table: MAIN_TABLE,
    kind: "unicast",
  };
}

/** Makes it so. @returns what the kernel refused, in words, unless that is there already. */
export async function makeSo(
  socket: NetlinkSocket,
  requests: readonly NetlinkRequest[],
): Promise<string | undefined> {
  const answers = await socket.request(requests);
  const refused = answers.find((answer) => !answer.ok && answer.error.errno !== "EEXIST");
  return refused && !refused.ok ? (refused.error.text ?? refused.error.errno) : undefined;
}
