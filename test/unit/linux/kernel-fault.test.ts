import { expect, test } from "vitest";
import type { Change } from "#dataplane/change.ts";
import type { IpAddress } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";
import { changeFault, socketFault } from "#linux/kernel-fault.ts";
import { ifId, sampleRoute, sampleSa, sampleTunnel } from "../dataplane/samples.ts";

const addSa = (changes = {}): Change => ({ kind: "add-sa", sa: sampleSa("in", 1, changes), ifId });
const addTunnel: Change = { kind: "add-tunnel", tunnel: sampleTunnel() };
const ipv6 = {
  source: { address: "2001:db8::1" as IpAddress, port: 500 },
  destination: { address: "2001:db8::2" as IpAddress, port: 500 },
};
const cbc = {
  encryption: { id: 12, key: new SecretBytes(new Uint8Array(32)) },
  integrity: { id: 14, key: new SecretBytes(new Uint8Array(64)) },
};

test.each([
  ["an SA over IPv4", addSa(), "EPROTONOSUPPORT", "esp4"],
  ["an SA over IPv6", addSa(ipv6), "EPROTONOSUPPORT", "esp6"],
  ["an AEAD cipher", addSa(), "ENOSYS", "gcm"],
  ["a cipher with an integrity algorithm", addSa(cbc), "ENOENT", "cbc and sha512_generic"],
  ["an xfrm interface", addTunnel, "EOPNOTSUPP", "xfrm_interface"],
])("for %s the missing module is named", (_, change, errno, module) => {
  const fault = changeFault(change, { errno });
  expect(fault).toMatchObject({ code: "kernel.module-missing", errno });
  expect(fault.remedy).toContain(module);
});

test.each(["EPERM", "EACCES"])("%s asks for root or the capability", (errno) => {
  expect(changeFault(addSa(), { errno })).toMatchObject({
    code: "kernel.permission",
    remedy: expect.stringContaining("CAP_NET_ADMIN"),
    spi: 1,
  });
});

test.each([
  [addTunnel, "EEXIST", "kernel.conflict"],
  [addTunnel, "ENODEV", "kernel.interface-missing"],
  [addSa(), "ENOBUFS", "kernel.overflow"],
  [addSa(), "EINVAL", "kernel.rejected"],
])("change %# refused with %s is %s", (change, errno, code) => {
  expect(changeFault(change, { errno }).code).toBe(code);
});

test("a contested route points at the distance that moves it out of the way", () => {
  const change: Change = { kind: "set-route", route: sampleRoute(), replaces: false };
  const fault = changeFault(change, { errno: "EEXIST" });
  expect(fault.what).toBe("could not set the route to 10.1.0.0/16 through Tunnel0");
  expect(fault.remedy).toContain("routes.distance");
  expect(fault.tunnel).toBe("Tunnel0");
});

test("the kernel's own words are passed on", () => {
  const fault = changeFault(addSa(), { errno: "EINVAL", text: "Replay window too big" });
  expect(fault.what).toBe(
    "could not add the inbound SA 0x00000001 of client hq (kernel: Replay window too big)",
  );
});

test("a kernel without XFRM says which module brings it", () => {
  expect(socketFault("open a netlink socket", { errno: "EPROTONOSUPPORT" })).toMatchObject({
    code: "kernel.module-missing",
    remedy: expect.stringContaining("xfrm_user"),
  });
});
