import { expect, test } from "vitest";
import { ChildSa, type ChildSaParameters } from "#ike/sa/child-sa.ts";
import { selectorOf } from "#ike/sa/traffic-selector.ts";
import { hours, type MonotonicMs, minutes } from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";

const key = (fill: number, length = 36): SecretBytes =>
  new SecretBytes(new Uint8Array(length).fill(fill));

function child(more: Partial<ChildSaParameters> = {}): ChildSa {
  return new ChildSa({
    client: "hq",
    spiIn: 0xc000_0001,
    spiOut: 0xd000_0002,
    suite: { encryption: { id: 20, keyLength: 256 }, esn: true },
    mode: "tunnel",
    inbound: { encryption: key(1) },
    outbound: { encryption: key(2) },
    local: [selectorOf("10.250.1.7/32" as Prefix)],
    remote: [selectorOf("10.0.0.0/8" as Prefix)],
    path: {
      local: { address: "192.0.2.17" as IpAddress, port: 4_500 },
      remote: { address: "203.0.113.10" as IpAddress, port: 4_501 },
    },
    udpEncapsulation: true,
    replayWindow: 512,
    offload: "none",
    lifetime: { soft: minutes(50), hard: hours(1), softBytes: 80, hardBytes: 100 },
    createdAt: 0 as MonotonicMs,
    ...more,
  });
}

test("the inbound half has our SPI, the hub as source, and the replay window", () => {
  expect(child().securityAssociation("in")).toMatchObject({
    spi: 0xc000_0001,
    direction: "in",
    source: { address: "203.0.113.10", port: 4_501 },
    destination: { address: "192.0.2.17", port: 4_500 },
    udpEncapsulation: true,
    esn: true,
    replayWindow: 512,
    selectors: { local: ["10.250.1.7/32"], remote: ["10.0.0.0/8"] },
  });
});

test("the outbound half has the hub's SPI, us as source, and no replay window", () => {
  expect(child().securityAssociation("out")).toMatchObject({
    spi: 0xd000_0002,
    source: { address: "192.0.2.17", port: 4_500 },
    destination: { address: "203.0.113.10", port: 4_501 },
    replayWindow: 0,
    selectors: { local: ["10.250.1.7/32"], remote: ["10.0.0.0/8"] },
  });
});

test("lifetimes reach the kernel in seconds and bytes, soft before hard", () => {
  expect(child().securityAssociation("out").lifetime).toEqual({
    softSeconds: 3_000,
    hardSeconds: 3_600,
    softBytes: 80,
    hardBytes: 100,
  });
});

test("each half gets its own key, as a copy that its owner may wipe", () => {
  const one = child();
  const first = one.securityAssociation("in").encryption.key;
  expect(first.reveal()[0]).toBe(1);
  expect(one.securityAssociation("out").encryption.key.reveal()[0]).toBe(2);
  first.wipe();
  expect(one.securityAssociation("in").encryption.key.reveal()[0]).toBe(1);
});

test("with CBC the integrity key goes along", () => {
  const suite = { encryption: { id: 12, keyLength: 256 }, integrity: 12, esn: false };
  const one = child({ suite, inbound: { encryption: key(1, 32), integrity: key(7, 32) } });
  const { integrity } = one.securityAssociation("in");
  expect(integrity?.id).toBe(12);
  expect(integrity?.key.reveal()[0]).toBe(7);
});

test("after a wipe the keys can't be given out any more", () => {
  const one = child();
  one.wipe();
  expect(() => one.securityAssociation("in")).toThrow("wiped");
});
