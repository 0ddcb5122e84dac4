import { expect, test } from "vitest";
import { type Encapsulation, tcpMss, tunnelMtu } from "#dataplane/mtu.ts";
import { InvariantError } from "#lib/invariant.ts";

const gcm: Encapsulation = { underlay: 4, udp: false, mode: "tunnel", encryption: 20 };

/** The length of the outer packet, built up field by field as RFC 4303 §2 draws it. */
function outerLength(inner: number, { underlay, udp, ...shape }: Encapsulation): number {
  const [iv, block, icv] = {
    "20": [8, 4, 16],
    "18": [8, 4, 8],
    "28": [8, 4, 16],
    "16": [8, 4, 16],
    "12+12": [16, 16, 16],
    "12+13": [16, 16, 24],
    "12+14": [16, 16, 32],
    "12+2": [16, 16, 12],
  }[shape.integrity ? `${shape.encryption}+${shape.integrity}` : `${shape.encryption}`] as number[];
  let encrypted = inner + 2;
  while (encrypted % (block as number) !== 0) encrypted++;
  const ip = underlay === 4 ? 20 : 40;
  return ip + (udp ? 8 : 0) + 8 + (iv as number) + encrypted + (icv as number);
}

test.each([
  [1500, gcm, 1446],
  [1500, { ...gcm, udp: true }, 1438],
  [1500, { ...gcm, underlay: 6 }, 1426],
  [1492, { ...gcm, udp: true }, 1430],
  [1500, { ...gcm, encryption: 12, integrity: 12 }, 1438],
  [1500, { ...gcm, encryption: 12, integrity: 12, udp: true }, 1422],
  [1500, { ...gcm, encryption: 12, integrity: 14 }, 1422],
] as const)("over a path of %i bytes, %j carries %i", (path, encapsulation, mtu) => {
  expect(tunnelMtu(path, encapsulation, false)).toBe(mtu);
});

const suites = [
  { encryption: 20 },
  { encryption: 18 },
  { encryption: 28 },
  { encryption: 16 },
  { encryption: 12, integrity: 12 },
  { encryption: 12, integrity: 13 },
  { encryption: 12, integrity: 14 },
  { encryption: 12, integrity: 2 },
];

test("the largest inner packet fits the path and one byte more does not, whatever the cipher", () => {
  for (const suite of suites)
    for (const underlay of [4, 6] as const)
      for (const udp of [false, true])
        for (let path = 1_400; path <= 1_500; path++) {
          const encapsulation: Encapsulation = { ...suite, underlay, udp, mode: "tunnel" };
          const mtu = tunnelMtu(path, encapsulation, false);
          expect(outerLength(mtu, encapsulation)).toBeLessThanOrEqual(path);
          expect(outerLength(mtu + 1, encapsulation)).toBeGreaterThan(path);
        }
});

test("in transport mode the IP header is not wrapped again", () => {
  expect(tunnelMtu(1_500, { ...gcm, mode: "transport" }, false)).toBe(1_466);
});

test("a tunnel that carries IPv6 never goes below what IPv6 needs", () => {
  expect(tunnelMtu(1_280, gcm, true)).toBe(1_280);
  expect(tunnelMtu(1_280, gcm, false)).toBe(1_226);
});

test("TCP segments leave room for both headers of their family", () => {
  expect(tcpMss(1_438)).toEqual({ ipv4: 1_398, ipv6: 1_378 });
});

test("a cipher that nothing is known of is our own fault", () => {
  expect(() => tunnelMtu(1_500, { ...gcm, encryption: 99 }, false)).toThrow(InvariantError);
  expect(() => tunnelMtu(1_500, { ...gcm, encryption: 12 }, false)).toThrow(InvariantError);
});
