/** What XFRM tells by itself: expired SAs, packets that lack one, peers behind a NAT that moved. Source: linux/xfrm.h. */
import { isOwnId } from "#dataplane/ownership.ts";
import type { DataPlaneNotification } from "#dataplane/port.ts";
import {
  decodeAttributes,
  type NetlinkMessage,
  numberAttribute,
  structView,
} from "../netlink/codec.ts";
import { isIpFamily, readEndpoint } from "./structs.ts";
import { attribute, message, size } from "./uapi.ts";

/** Reads a multicast message; undefined when it concerns none of our SAs, or is too short. */
export function decodeNotification(received: NetlinkMessage): DataPlaneNotification | undefined {
  if (received.type === message.expire) return decodeExpire(received.payload);
  if (received.type === message.acquire) return decodeAcquire(received.payload);
  return received.type === message.mapping ? decodeMapping(received.payload) : undefined;
}

/** struct xfrm_user_expire */
function decodeExpire(payload: Uint8Array): DataPlaneNotification | undefined {
  if (payload.length < size.saInfo + 8) return undefined;
  const view = structView(payload);
  if (!isOwnId(view.getUint32(208, true))) return undefined;
  return { kind: "expire", spi: view.getUint32(72), hard: view.getUint8(size.saInfo) !== 0 };
}

/** struct xfrm_user_acquire; the interface id says whose policy it was. */
function decodeAcquire(payload: Uint8Array): DataPlaneNotification | undefined {
  if (payload.length < size.acquire) return undefined;
  const ifId = numberAttribute(decodeAttributes(payload, size.acquire), attribute.ifId) ?? 0;
  return isOwnId(ifId) ? { kind: "acquire", requestId: ifId } : undefined;
}

/** struct xfrm_user_mapping, which begins with a struct xfrm_usersa_id */
function decodeMapping(payload: Uint8Array): DataPlaneNotification | undefined {
  if (payload.length < 64) return undefined;
  const view = structView(payload);
  const family = view.getUint16(20, true);
  if (!isOwnId(view.getUint32(24, true)) || !isIpFamily(family)) return undefined;
  return {
    kind: "mapping",
    spi: view.getUint32(16),
    remote: readEndpoint(payload, 44, 62, family),
  };
}
