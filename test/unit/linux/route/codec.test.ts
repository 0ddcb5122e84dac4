import { expect, test } from "vitest";
import type { Route } from "#dataplane/desired.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import { decodeAddress, decodeLink, newAddress, newXfrmLink } from "#linux/route/link-codec.ts";
import { decodeRoute, deleteRoute, newRoute, replaceRoute } from "#linux/route/route-codec.ts";
import { size } from "#linux/route/uapi.ts";
import { capturedMessage, encoded, partsOf } from "../netlink/vector.ts";

const throughDevice: Route = {
  destination: "10.1.0.0/16" as Prefix,
  device: "lo",
  source: "10.250.1.7" as IpAddress,
  metric: 2,
  table: 254,
  kind: "unicast",
};
const throughGateway: Route = {
  destination: "203.0.113.2/32" as Prefix,
  device: "lo",
  gateway: "10.250.1.7" as IpAddress,
  metric: 2,
  table: 1_000,
  kind: "unicast",
};
const unreachable: Route = {
  destination: "fd00:1::/64" as Prefix,
  metric: 2_000,
  table: 254,
  kind: "unreachable",
};

test("an xfrm interface is created as iproute2 does it", () => {
  const wanted = { name: "Tunnel0", ifId: tunnelId(1), mtu: 1_400, underlayIndex: 1 };
  expect(partsOf(encoded(newXfrmLink(wanted)), size.link)).toEqual({
    ...partsOf(capturedMessage("link-xfrm"), size.link),
    attributes: {
      ...partsOf(capturedMessage("link-xfrm"), size.link).attributes,
      18: withTextEnd(partsOf(capturedMessage("link-xfrm"), size.link).attributes[18] ?? ""),
    },
  });
});

/** iproute2 leaves out the zero at the end of the kind, which the kernel does not need; ours has it. */
function withTextEnd(info: string): string {
  return info.replace("080001007866726d", "090001007866726d00000000");
}

test.each([
  ["address-ipv4", "10.250.1.7/32"],
  ["address-ipv6-nodad", "fd00:250::7/128"],
])("%s is added as iproute2 does it", (vector, address) => {
  expect(partsOf(encoded(newAddress(1, address as InterfaceAddress)), size.address)).toEqual(
    partsOf(capturedMessage(vector), size.address),
  );
});

test.each([
  ["route-device", newRoute(throughDevice, 1)],
  ["route-gateway-replace", replaceRoute(throughGateway, 1)],
  ["route-unreachable-ipv6", newRoute(unreachable, undefined)],
])("%s is set as iproute2 does it", (vector, request) => {
  expect(partsOf(encoded(request), size.route)).toEqual(
    partsOf(capturedMessage(vector), size.route),
  );
});

test("a route is deleted by all that names it", () => {
  const captured = partsOf(capturedMessage("route-delete"), size.route);
  const ours = partsOf(encoded(deleteRoute(throughDevice, 1)), size.route);
  expect(ours).toMatchObject({ type: captured.type, attributes: captured.attributes });
});

test.each([
  [throughDevice, 1],
  [throughGateway, 1],
  [unreachable, undefined],
] as const)("route %# reads back as it was written", (route, index) => {
  const { device: _, ...rest } = route;
  expect(decodeRoute(encoded(newRoute(route, index)).subarray(16))).toEqual({
    route: rest,
    ...(index !== undefined && { deviceIndex: index }),
    protocol: 186,
  });
});

test("a default route reads as the whole of its family", () => {
  const payload = encoded(
    newRoute({ ...unreachable, destination: "::/0" as Prefix }, undefined),
  ).subarray(16, 28);
  expect(decodeRoute(payload)?.route.destination).toBe("::/0");
});

test("an xfrm interface reads back with id, underlay and MTU", () => {
  const wanted = { name: "Tunnel0", ifId: tunnelId(1), mtu: 1_400, underlayIndex: 3 };
  expect(decodeLink(encoded(newXfrmLink(wanted)).subarray(16))).toEqual({
    index: 0,
    name: "Tunnel0",
    isUp: false,
    isRunning: false,
    mtu: 1_400,
    kind: "xfrm",
    xfrm: { ifId: tunnelId(1), underlayIndex: 3 },
  });
});

test("an address reads back with its prefix length", () => {
  const message = encoded(newAddress(4, "fd00:250::7/128" as InterfaceAddress));
  expect(decodeAddress(message.subarray(16))).toEqual({
    index: 4,
    address: "fd00:250::7/128",
    isKernelMade: false,
  });
});
