/**
 * What the kernel has, ours and others', for a support case: interfaces, addresses, routes, SAs and policies. Keys never
 * come out of a dump's codec. Opens sockets of its own and closes them: it disturbs nobody.
 */
import type { Result } from "#lib/result.ts";
import { openKernelSockets } from "./kernel-sockets.ts";
import type { NetlinkFault } from "./netlink/socket.ts";
import { decodeAddress, decodeLink, dumpAddresses, dumpLinks } from "./route/link-codec.ts";
import { decodeRoute, dumpRoutes } from "./route/route-codec.ts";
import { message as routeMessage } from "./route/uapi.ts";
import { decodeSa, dumpSas, type SaStatus } from "./xfrm/codec.ts";
import { decodePolicy, dumpPolicies } from "./xfrm/policy-codec.ts";
import { message as xfrmMessage } from "./xfrm/uapi.ts";

/** JSON: each part is what the kernel shows, or a sentence about why it can't be read. */
export type KernelSurvey = Readonly<Record<string, unknown>>;

/** Reads all of it. */
export async function surveyKernel(): Promise<KernelSurvey> {
  const ignore = () => {};
  const opened = openKernelSockets({ route: ignore, xfrm: ignore, overflow: ignore });
  if (!opened.ok) return { fault: `${opened.error.what} (${opened.error.remedy})` };
  const sockets = opened.value;
  try {
    const [links, addresses, ipv4, ipv6, sas, policies] = await Promise.all([
      sockets.route.dump(dumpLinks(), ({ type, payload }) =>
        type === routeMessage.newLink ? decodeLink(payload) : undefined,
      ),
      sockets.route.dump(dumpAddresses(), ({ type, payload }) =>
        type === routeMessage.newAddress ? decodeAddress(payload) : undefined,
      ),
      sockets.route.dump(dumpRoutes(4), ({ payload }) => decodeRoute(payload)),
      sockets.route.dump(dumpRoutes(6), ({ payload }) => decodeRoute(payload)),
      sockets.xfrm.dump(dumpSas(), ({ type, payload }) =>
        type === xfrmMessage.newSa ? decodeSa(payload) : undefined,
      ),
      sockets.xfrm.dump(dumpPolicies(), ({ type, payload }) =>
        type === xfrmMessage.newPolicy ? decodePolicy(payload) : undefined,
      ),
    ]);
    return {
      links: shown(links),
      addresses: shown(addresses),
      "ipv4-routes": shown(ipv4),
      "ipv6-routes": shown(ipv6),
      "security-associations": shown(sas, saText),
      policies: shown(policies),
    };
  } finally {
    sockets.close();
  }
}

function shown<Item>(
  result: Result<readonly Item[], NetlinkFault>,
  each: (item: Item) => unknown = (item) => item,
): unknown {
  return result.ok ? result.value.map(each) : `can't be read: ${result.error.errno}`;
}

/** JSON has no integers of 64 bits. */
function saText({ replay, ...sa }: SaStatus): unknown {
  return replay ? { ...sa, sent: String(replay.sent), received: String(replay.received) } : sa;
}
