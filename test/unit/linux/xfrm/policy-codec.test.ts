import { expect, test } from "vitest";
import type { SecurityPolicy } from "#dataplane/desired.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { decodePolicy, deletePolicy, setPolicy } from "#linux/xfrm/policy-codec.ts";
import { attribute, size } from "#linux/xfrm/uapi.ts";
import { capturedMessage, encoded, partsOf } from "../netlink/vector.ts";

const ifId = tunnelId(1);
const outbound: SecurityPolicy = {
  direction: "out",
  source: "10.250.1.7/32" as Prefix,
  destination: "10.1.0.0/16" as Prefix,
  priority: 99_952,
  ifId,
  template: {
    source: "198.51.100.2" as IpAddress,
    destination: "203.0.113.2" as IpAddress,
    mode: "tunnel",
    requestId: ifId,
    spi: 0x11223344,
  },
};
const forward: SecurityPolicy = {
  direction: "forward",
  source: "fd00:1::/64" as Prefix,
  destination: "fd00:250::7/128" as Prefix,
  priority: 99_808,
  ifId,
  template: {
    source: "0.0.0.0" as IpAddress,
    destination: "0.0.0.0" as IpAddress,
    mode: "tunnel",
    requestId: ifId,
    spi: 0,
  },
};

test("an outbound policy that pins an SPI is what iproute2 sends", () => {
  expect(partsOf(encoded(setPolicy(outbound)), size.policyInfo)).toEqual(
    partsOf(capturedMessage("policy-out"), size.policyInfo),
  );
});

test("a forward policy of IPv6 inside IPv4 from any address is what iproute2 sends", () => {
  expect(partsOf(encoded(setPolicy(forward)), size.policyInfo)).toEqual(
    partsOf(capturedMessage("policy-fwd-ipv6"), size.policyInfo),
  );
});

test("a policy is deleted by selector, direction and interface id as iproute2 does it", () => {
  expect(partsOf(encoded(deletePolicy(outbound)), 64)).toEqual(
    partsOf(capturedMessage("policy-delete"), 64),
  );
});

test.each([outbound, forward])("a $direction policy reads back as it was written", (policy) => {
  const { direction, source, destination, priority, template } = policy;
  expect(decodePolicy(encoded(setPolicy(policy)).subarray(16))).toEqual({
    direction,
    source,
    destination,
    priority,
    ifId,
    template: { requestId: template.requestId, spi: template.spi },
  });
});

test("a policy whose SAs live in a device names the device", () => {
  const { attributes } = partsOf(encoded(setPolicy(outbound, 7)), size.policyInfo);
  expect(attributes[attribute.offloadDevice]).toBe("0700000004000000");
});

test("a policy of a socket reads as none", () => {
  const message = encoded(setPolicy(outbound)).slice(16);
  message[160] = 3;
  expect(decodePolicy(message)).toBeUndefined();
});
